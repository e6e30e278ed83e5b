"""Training samples as TFRecord files: written once, sharded by their rarest class, read in balance.

    FOLDER/LABEL-NUMBER.tfrecord    images whose rarest class is LABEL, some to a file
    FOLDER/index.json               what the files were made of, and the images of each label

One example holds the pixels of an image and its label map as bytes, with their size.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.structures import LabelMap
from training.augmentation import GREY, Augmentation
from training.batches import Sample

VOID = 65535  # of the label maps in the files, whatever the data set's own is
SHUFFLED = 256  # images of each label that wait, of which one is drawn


@dataclass(frozen=True)
class Shards:
    """What was written.

    Attributes:
        folder: where the files are.
        images: label to the number of images whose rarest class it is.
        shown: label to the number of images that show it at all.
    """

    folder: Path
    images: dict[int, int]
    shown: dict[int, int]

    def files(self, label: int) -> list[str]:
        """Return the files of a label, in the order they were written."""
        return [str(path) for path in sorted(self.folder.glob(f"{label:05d}-*.tfrecord"))]


def rarest_labels(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return of each image the label that the fewest images show, (N,).

    Args:
        counts: (N, L) pixels of each label in each image.
    """
    shown = counts > 0
    images = np.where(shown, shown.sum(axis=0), len(counts) + 1)
    return np.asarray(images.argmin(axis=1), np.int64)


def write_shards(
    samples: Sequence[Sample],
    counts: NDArray[np.int64],
    folder: Path,
    shard_images: int,
    key: str,
) -> Shards:
    """Write all samples, unless what is there was made of the same.

    Args:
        samples: N images with label maps.
        counts: (N, L) pixels of each label in each.
        folder: is made; the files in it are replaced.
        shard_images: images of a file, at most.
        key: what the samples are of; other files are made where it differs.
    """
    index = folder / "index.json"
    rarest = rarest_labels(counts)
    labels, amounts = np.unique(rarest, return_counts=True)
    images = dict(zip(labels.tolist(), amounts.tolist(), strict=True))
    shown = {label: int((counts[:, label] > 0).sum()) for label in images}
    described = {"key": key, "shard_images": shard_images, "images": list(images.items())}
    shards = Shards(folder, images, shown)
    if index.is_file() and json.loads(index.read_text()) == json.loads(json.dumps(described)):
        return shards
    folder.mkdir(parents=True, exist_ok=True)
    index.unlink(missing_ok=True)
    for path in folder.glob("*.tfrecord"):
        path.unlink()
    for label in images:
        members = np.flatnonzero(rarest == label)
        for number, start in enumerate(range(0, len(members), shard_images)):
            chosen = members[start : start + shard_images].tolist()
            path = folder / f"{label:05d}-{number:05d}.tfrecord"
            _write(path, [samples[each] for each in chosen])
    # last: a folder without an index is written anew
    index.write_text(json.dumps(described))
    return shards


def label_shares(shards: Shards, balance: float) -> list[float]:
    """Return how often each label's files are drawn from, summing to 1.

    Each image is as likely as `batches.sampling_weights` has it: by the number of images that
    show the rarest of its labels.

    Args:
        shards: the files.
        balance: 0 draws all images alike, 1 all rarest labels alike.
    """
    amounts = np.array(list(shards.images.values()), np.float64)
    shown = np.array([shards.shown[label] for label in shards.images], np.float64)
    shares = amounts * shown**-balance
    return [float(share) for share in shares / shares.sum()]


def read_batches(
    shards: Shards, *, batch: int, side: int, augmentation: Augmentation, balance: float, seed: int
) -> Any:  # noqa: ANN401 - a tf.data.Dataset
    """Return batches without end: pixels (B, side, side, 3) uint8, labels (B, side, side) uint16.

    The same seed gives the same batches.

    Args:
        shards: the files.
        batch: B.
        side: of the squares, in pixels.
        augmentation: how far a sample may change.
        balance: as for `label_shares`.
        seed: of all that is random.
    """
    import tensorflow as tf

    def of_label(number: int, label: int) -> Any:  # noqa: ANN401
        files = tf.data.TFRecordDataset(shards.files(label))
        return files.shuffle(SHUFFLED, seed=seed + number).repeat()

    parts = [of_label(number, label) for number, label in enumerate(shards.images)]
    shares = label_shares(shards, balance)
    drawn = tf.data.Dataset.sample_from_datasets(parts, shares, seed=seed)

    def changed(number: Any, record: Any) -> tuple[Any, Any]:  # noqa: ANN401
        return _augment(
            *_parse(record), augmentation, side, tf.stack([seed, tf.cast(number, tf.int32)])
        )

    made = drawn.enumerate().map(changed, num_parallel_calls=1, deterministic=True)
    return made.batch(batch).prefetch(2)


def read_samples(path: Path) -> list[Sample]:
    """Return the samples of one file, as they were written but for the dtype of the label maps."""
    import tensorflow as tf

    found = []
    for record in tf.data.TFRecordDataset(str(path)):
        pixels, label_map = _parse(record)
        found.append(Sample(pixels.numpy(), label_map.numpy()))
    return found


def _write(path: Path, samples: Sequence[Sample]) -> None:
    import tensorflow as tf

    with tf.io.TFRecordWriter(str(path)) as writer:
        for sample in samples:
            writer.write(_example(sample).SerializeToString())


def _example(sample: Sample) -> Any:  # noqa: ANN401 - a tf.train.Example
    import tensorflow as tf

    def of_bytes(array: NDArray[Any]) -> Any:  # noqa: ANN401
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[array.tobytes()]))

    size = tf.train.Feature(int64_list=tf.train.Int64List(value=sample.label_map.shape))
    features = {
        "size": size,
        "pixels": of_bytes(sample.pixels),
        "label_map": of_bytes(_as_uint16(sample.label_map)),
    }
    return tf.train.Example(features=tf.train.Features(feature=features))


def _as_uint16(label_map: LabelMap) -> NDArray[np.uint16]:
    """Return a label map in little-endian 16 bits, void as `VOID`."""
    wide = label_map.astype("<u2")
    wide[label_map == np.iinfo(label_map.dtype).max] = VOID
    return wide


def _parse(record: Any) -> tuple[Any, Any]:  # noqa: ANN401 - tensors
    import tensorflow as tf

    features = {
        "size": tf.io.FixedLenFeature([2], tf.int64),
        "pixels": tf.io.FixedLenFeature([], tf.string),
        "label_map": tf.io.FixedLenFeature([], tf.string),
    }
    found = tf.io.parse_single_example(record, features)
    pixels = tf.reshape(
        tf.io.decode_raw(found["pixels"], tf.uint8), tf.concat([found["size"], [3]], axis=0)
    )
    return pixels, tf.reshape(tf.io.decode_raw(found["label_map"], tf.uint16), found["size"])


def _augment(
    pixels: Any,  # noqa: ANN401 - tensors
    label_map: Any,  # noqa: ANN401
    augmentation: Augmentation,
    side: int,
    seed: Any,  # noqa: ANN401
) -> tuple[Any, Any]:
    """Return a square part of a sample, changed at random; outside of the image it is void."""
    import tensorflow as tf

    draws = tf.random.stateless_uniform([7], seed, -1, 1)
    matrix = _placement(tf.shape(label_map), augmentation, side, draws)

    def moved(values: Any, method: str, outside: float) -> Any:  # noqa: ANN401
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=tf.cast(values, tf.float32)[tf.newaxis],
            transforms=matrix[tf.newaxis],
            output_shape=[side, side],
            fill_value=outside,
            interpolation=method,
            fill_mode="CONSTANT",
        )[0]

    square = moved(pixels, "BILINEAR", float(GREY))
    labels = moved(label_map[..., tf.newaxis], "NEAREST", float(VOID))[..., 0]
    square = (square - 127.5) * (1 + augmentation.contrast * draws[4]) + 127.5
    square = square + 255 * augmentation.brightness * draws[5]
    if augmentation.shuffle_colours:
        ranks = tf.random.stateless_uniform([3], seed + 1)
        square = tf.gather(square, tf.argsort(ranks), axis=2)
    square = tf.saturate_cast(tf.round(square), tf.uint8)
    return square, tf.cast(tf.cast(labels, tf.int32), tf.uint16)


def _placement(shape: Any, augmentation: Augmentation, side: int, draws: Any) -> Any:  # noqa: ANN401 - tensors
    """Return the eight numbers from pixels of the square to pixels of the image."""
    import tensorflow as tf

    size = tf.cast(shape[::-1], tf.float32)
    step = augmentation.zoom ** (-draws[0])
    seen = side * step
    # where the image is larger than the square its parts take turns, else it moves inside
    most = tf.abs(size - seen) / 2 + augmentation.shift * seen
    middle = size / 2 + most * draws[1:3]
    across = tf.where(draws[3] < 0, -step, step) if augmentation.flip else step
    centre = (side - 1) / 2
    left = middle[0] - 0.5 - across * centre
    top = middle[1] - 0.5 - step * centre
    zero = tf.zeros(())
    return tf.stack([across, zero, left, zero, step, top, zero, zero])
