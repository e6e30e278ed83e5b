"""The baseline U-Net in Keras, fed from TFRecord files: the class of each pixel."""

from __future__ import annotations

from training.systems.unet_keras import UNetKeras, architecture_of, weights_need
from training.trainable import FitOptions, Report, TrainingData
from training.unet_settings import UNetTfFitSettings

NAME = "unet-tf"


class UNetTfSystem(UNetKeras):
    """A label map of each image."""

    title = "U-Net in Keras, fed from TFRecord files: the class of each pixel"
    stages = (NAME,)
    weights = (weights_need(NAME),)
    fit_settings_type = UNetTfFitSettings
    fit_goal = "val_miou"

    @staticmethod
    def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
        """Write the TFRecord files once, and train a network of the settings' size from them."""
        from training.stages import unet_keras_training as training
        from training.stages.tfrecord_feed import make_feed

        architecture = architecture_of(NAME, data, options.settings, labels=False)
        training.fit(data, options, report, architecture, make_feed(data))
