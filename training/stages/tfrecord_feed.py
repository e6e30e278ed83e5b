"""Batches of a training from TFRecord files in its own folder."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from training import tfrecords
from training.batches import Samples, sampling_weights
from training.stages.unet_keras_training import Batch, Feed, MakeFeed, augmentation_of
from training.trainable import FitOptions, TrainingData


def make_feed(data: TrainingData) -> MakeFeed:
    """Return what writes the files of a training, and then reads an epoch's batches from them."""

    def make(samples: Samples, counts: NDArray[np.int64], options: FitOptions) -> Feed:
        settings = options.settings
        key = f"{data.train.source.sha256} at scale {settings.scale}"
        folder = options.folder / "tfrecords"
        shards = tfrecords.write_shards(samples, counts, folder, settings.shard_images, key)
        options.sampling(counts, sampling_weights(counts, settings.balance))

        def feed(number: int) -> Iterator[Batch]:
            found = tfrecords.read_batches(
                shards,
                batch=settings.batch,
                side=settings.crop,
                augmentation=augmentation_of(settings),
                balance=settings.balance,
                seed=options.seed + 1_000_003 * number,
            )
            count = math.ceil(len(samples) / settings.batch)
            return iter(found.take(count).as_numpy_iterator())

        return feed

    return make
