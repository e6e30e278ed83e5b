"""What is packed for the browser can be unpacked to the same values."""

import json
import struct
import zlib

import numpy as np
import pytest

from core.structures import Objects, Rle
from pages.ui.layers import Layer
from pages.ui.links import link
from pages.ui.payload import GalleryItem, pack_gallery, pack_view, with_settings

CLASSES = [(0, "road", "#112233"), (1, "</script>", "#445566"), (2, "background", None)]


def unpacked(payload):
    size = struct.unpack_from("<I", payload)[0]
    header = json.loads(payload[4 : 4 + size])
    return header, lambda place: payload[4 + size + place[0] : 4 + size + sum(place)]


def two_objects():
    return Objects(
        boxes=np.array([[0.5, 1, 2, 3], [1, 1, 1, 1]]),
        categories=np.array([1, 0], np.int32),
        areas=np.array([6.0, 1.0]),
        crowd=np.array([True, False]),
        scores=np.array([0.25, 1 / 3]),
        masks=(Rle(4, 6, b"02N\\4"), Rle(4, 6, b'0`0"')),
    )


@pytest.mark.parametrize("dtype", ["uint8", "uint16", ">u2"])
def test_label_map_survives(dtype):
    labels = np.random.default_rng(3).integers(0, 256, (4, 6)).astype(dtype)
    header, part = unpacked(pack_view(b"JPEG", 6, 4, CLASSES, [Layer("truth", "#000000", labels)]))
    assert part(header["photograph"]) == b"JPEG"
    packed = header["layers"][0]["map"]
    raw = np.frombuffer(zlib.decompress(part(packed["part"])), f"<u{packed['bytes']}")
    np.testing.assert_array_equal(raw.reshape(4, 6), labels)
    assert packed["void"] == (255 if dtype == "uint8" else 65535)


def test_objects_survive():
    layer = Layer(
        "run", "#000000", None, two_objects(), ["right", "ignored"], [0.75, None], ["a", ""], [1]
    )
    header, part = unpacked(pack_view(None, 6, 4, CLASSES, [layer]))
    assert header["photograph"] is None
    columns = json.loads(zlib.decompress(part(header["layers"][0]["objects"])))
    assert columns["boxes"] == [[0.5, 1, 2, 3], [1, 1, 1, 1]]
    assert columns["classes"] == [1, 0]
    assert columns["scores"] == [0.25, 1 / 3]
    assert columns["masks"] == ["02N\\4", '0`0"']
    assert columns["crowd"] == [True, False]
    assert columns["outcomes"] == ["right", "ignored"]
    assert columns["ious"] == [0.75, None]
    assert header["layers"][0]["missed"] == [1]


def test_numpy_figures_are_taken():
    layer = Layer("r", "#000000", None, two_objects(), ious=np.array([0.5, 0.25], np.float32))
    header, part = unpacked(pack_view(None, np.int64(6), np.int64(4), CLASSES, [layer]))
    columns = json.loads(zlib.decompress(part(header["layers"][0]["objects"])))
    assert columns["ious"] == [0.5, 0.25]


def test_key_tells_payloads_apart():
    labels = np.zeros((4, 6), np.uint8)
    other = labels.copy()
    other[3, 5] = 1

    def key(photograph, labels):
        return unpacked(pack_view(photograph, 6, 4, CLASSES, [Layer("t", "#0", labels)]))[0]["key"]

    assert key(b"a", labels) == key(b"a", labels.copy())
    assert len({key(b"a", labels), key(b"b", labels), key(b"a", other)}) == 3


def test_a_view_with_other_settings_is_the_one_packed_with_them():
    layers = [Layer("né \\u2028 </script>", "#0", np.zeros((4, 6), np.uint8), two_objects())]
    settings = {"threshold": 1 / 3, "title": "é", "address": "Masks?image=1&b=ü", "context": "c"}
    plain = pack_view(b"JPEG", 6, 4, CLASSES, layers, image="7", chosen=("run", 1))
    packed = pack_view(b"JPEG", 6, 4, CLASSES, layers, image="7", chosen=("run", 1), **settings)
    assert with_settings(plain, **settings) == packed
    assert with_settings(packed, threshold=0.0, title="", address=None, context="") == plain


def test_sizes_must_agree():
    with pytest.raises(ValueError, match=r"truth: the label map is \(6, 4\), the image \(4, 6\)"):
        pack_view(None, 6, 4, CLASSES, [Layer("truth", "#0", np.zeros((6, 4), np.uint8))])
    with pytest.raises(ValueError, match=r"mask 0 is \(4, 6\), the image \(5, 6\)"):
        pack_view(None, 6, 5, CLASSES, [Layer("truth", "#0", None, two_objects())])
    with pytest.raises(ValueError, match="int64"):
        pack_view(None, 6, 4, CLASSES, [Layer("truth", "#0", np.zeros((4, 6), np.int64))])


def test_layer_checks_its_parts():
    with pytest.raises(ValueError, match="run: 1 ious for 2 objects"):
        Layer("run", "#0", None, two_objects(), ious=[0.5])
    with pytest.raises(ValueError, match=r"outcomes \['good'\] are unknown; known are right"):
        Layer("run", "#0", None, two_objects(), outcomes=["good", "right"])


def item(name="1", labels=None, layer="truth"):
    labels = np.zeros((48, 64), np.uint8) if labels is None else labels
    height, width = labels.shape
    layers = [Layer(layer, "#0", labels)]
    return GalleryItem(name, link("Masks", image=name), "x", ["y"], b"JPEG", width, height, layers)


def test_gallery_takes_labels_at_the_centres_of_its_pixels():
    labels = np.arange(1800)[:, None] + np.zeros((1, 2400), int)
    header, part = unpacked(pack_gallery([item(labels=labels.astype(np.uint16))], CLASSES))
    packed = header["cells"][0]["layers"][0]["map"]
    small = np.frombuffer(zlib.decompress(part(packed["part"])), "<u2").reshape(180, 240)
    np.testing.assert_array_equal(small[:, 0], np.arange(180) * 10 + 5)
    assert (packed["height"], packed["width"]) == (180, 240)


def test_small_maps_are_not_enlarged():
    labels = np.random.default_rng(1).integers(0, 3, (28, 30), dtype=np.uint8)
    header, part = unpacked(pack_gallery([item(labels=labels)], CLASSES))
    packed = header["cells"][0]["layers"][0]["map"]
    np.testing.assert_array_equal(
        np.frombuffer(zlib.decompress(part(packed["part"])), np.uint8).reshape(28, 30), labels
    )


def test_gallery_cells_must_fit_together():
    with pytest.raises(ValueError, match="cell 2 does not have the layers of the first cell"):
        pack_gallery([item("1"), item("2", layer="other")], CLASSES)
    with pytest.raises(ValueError, match="same id"):
        pack_gallery([item("1"), item("1")], CLASSES)


def test_gallery_without_cells():
    assert unpacked(pack_gallery([], CLASSES))[0]["cells"] == []
