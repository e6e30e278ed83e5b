"""One U-Net with two outputs: the class of each pixel, and which classes the image shows."""

from __future__ import annotations

from training.protocol import Outputs
from training.systems.unet_keras import UNetKeras, architecture_of, weights_need
from training.trainable import FitOptions, Report, TrainingData
from training.unet_settings import TwoHeadsFitSettings

NAME = "unet-two-heads"


class UNetTwoHeadsSystem(UNetKeras):
    """A label map and image-level probabilities from one pass."""

    title = "U-Net with two outputs in Keras: the class of each pixel, and what the image shows"
    stages = (NAME,)
    weights = (weights_need(NAME),)
    fit_settings_type = TwoHeadsFitSettings
    fit_goal = "val_score"
    outputs = Outputs(label_maps=True, labels=True)

    @staticmethod
    def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
        """Train a network of the settings' size; both outputs learn at once."""
        from training.stages import unet_keras_training as training

        architecture = architecture_of(NAME, data, options.settings, labels=True)
        training.fit(data, options, report, architecture, training.feed_from_memory)
