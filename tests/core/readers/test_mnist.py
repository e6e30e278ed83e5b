"""MNIST's files: against plain unpacking, and against files that do not go together."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from PIL import Image

from core.errors import FaultyInputError, UsageError
from core.readers.digits import DIGIT_NAMES
from core.readers.images import image_source
from core.readers.mnist import read_mnist

RNG = np.random.default_rng(1)
PIXELS = RNG.integers(0, 256, (12, 4, 5), np.uint8)
LABELS = bytes([7, 0, 3, 9, 1, 2, 4, 5, 6, 8, 0, 0])


@pytest.fixture
def read(tmp_path):
    """Write both files, as given or sound, and read them."""

    def call(images: bytes | None = None, labels: bytes | None = None, **options):
        whole = struct.pack(">4I", 0x803, *PIXELS.shape) + PIXELS.tobytes()
        paths = tmp_path / "labels.gz", tmp_path / "images"
        content = struct.pack(">2I", 0x801, len(LABELS)) + LABELS if labels is None else labels
        paths[0].write_bytes(gzip.compress(content))
        paths[1].write_bytes(whole if images is None else images)
        return read_mnist(*paths, "mnist", "test", **options)

    return call


def test_classes_are_digits_and_no_place_is_claimed(read):
    dataset, faults = read()
    assert faults == ()
    assert [category.name for category in dataset.categories] == list(DIGIT_NAMES)
    assert not dataset.located
    assert [image.name for image in dataset.images][:2] == ["00", "01"]
    for image, label, pixels in zip(dataset.images, LABELS, PIXELS, strict=True):
        objects = dataset.annotations[image.id].objects
        assert objects.categories.tolist() == [label]
        assert objects.boxes.tolist() == [[0, 0, 5, 4]]
        with Image.open(image_source(dataset.images_folder / image.path)) as shown:
            np.testing.assert_array_equal(np.asarray(shown), pixels)


def test_other_classes_can_be_named(read):
    dataset, _ = read(class_names=[f"letter {i}" for i in range(10)])
    assert dataset.categories[7].name == "letter 7"


def test_labels_out_of_range_are_all_told_or_left_out(read):
    labels = struct.pack(">2I", 0x801, 12) + bytes([10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255])
    with pytest.raises(FaultyInputError) as told:
        read(labels=labels)
    assert told.value.faults == (
        "labels.gz[0]: the label is 10; expected 0 to 9",
        "labels.gz[11]: the label is 255; expected 0 to 9",
    )
    dataset, faults = read(labels=labels, skip_bad=True)
    assert [image.id for image in dataset.images] == list(range(1, 11))
    assert len(faults) == 2


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"labels": struct.pack(">2I", 0x801, 11) + LABELS[:11]}, "12 images, but .* 11 labels"),
        ({"labels": struct.pack(">4I", 0x803, 1, 1, 1) + b"a"}, "Are --annotations and --images"),
        ({"images": struct.pack(">2I", 0x801, 12) + LABELS}, "Are --annotations and --images"),
        ({"images": struct.pack(">4I", 0x803, 12, 4, 6) + PIXELS.tobytes()}, "240 follow"),
        (
            {"images": struct.pack(">4I", 0x803, 12, 1, 70000) + bytes(840000)},
            "too large: width is",
        ),
        ({"images": struct.pack(">4I", 0xD03, 12, 4, 5) + PIXELS.tobytes()}, "type 0x0d"),
    ],
)
def test_files_that_do_not_go_together_are_refused(read, files, said):
    with pytest.raises(UsageError, match=said):
        read(**files)


@pytest.mark.shared
def test_the_published_test_set(shared_data):
    folder = shared_data / "mnist_t10k"
    paths = [folder / f"t10k-{name}.gz" for name in ("labels-idx1-ubyte", "images-idx3-ubyte")]
    dataset, _ = read_mnist(*paths, "mnist", "test")
    labels, pixels = (gzip.decompress(path.read_bytes()) for path in paths)
    assert len(dataset.images) == struct.unpack(">4I", pixels[:16])[1] == 10_000
    found = [dataset.annotations[image.id].objects.categories[0] for image in dataset.images]
    assert bytes(found) == labels[8:]
    for index in (0, 1, 4711, 9999):
        with Image.open(image_source(folder / dataset.images[index].path)) as shown:
            start = 16 + 784 * index
            assert np.asarray(shown).tobytes() == pixels[start : start + 784]
