"""One binary payload for the viewer, one for the gallery: what the browser needs, once.

Layout: length of the header (uint32, little endian), the header (JSON, UTF-8), then the parts
that the header names by [offset, length]: photographs as they are, label maps and objects
deflated (zlib). The browser unpacks, colours and composites; nothing returns to the server.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from core.charts.palette import PIXEL_PART_COLOURS
from core.metrics.pixel_errors import KINDS
from core.structures import LabelMap
from pages.ui.image_files import without_exif
from pages.ui.layers import Classes, Layer, Parts, class_headers, layer_header
from pages.ui.links import SHARED
from pages.ui.palette import OUTCOME_COLOURS
from pages.ui.thumbnails import THUMBNAIL_SIZE, fitted

HEADER_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, eq=False)
class GalleryItem:
    """One cell of the gallery.

    Attributes:
        id: what a selection reports; unique in the gallery.
        href: where a click leads, from `links.link`.
        caption: one line.
        badges: a few short words or figures.
        thumbnail: JPEG or PNG bytes, or None if the photograph is missing.
        width: columns of the original image, in pixels: boxes and masks are in its pixels.
        height: rows of the original image, in pixels.
        layers: drawn over the thumbnail; the same names in each cell, the annotation first.
    """

    id: str
    href: str
    caption: str
    badges: Sequence[str]
    thumbnail: bytes | None
    width: int
    height: int
    layers: Sequence[Layer] = ()


def pack_view(
    photograph: bytes | None,
    width: int,
    height: int,
    classes: Classes,
    layers: Sequence[Layer],
    *,
    annotated: bool = True,
    threshold: float = 0.0,
    title: str = "",
    address: str | None = None,
    context: str = "",
    image: str = "",
    chosen: tuple[str, int] | None = None,
) -> bytes:
    """Pack one image and what was said about it, for `viewer`.

    Args:
        photograph: JPEG, PNG, WebP, GIF or BMP bytes as `thumbnails.photograph` returns them,
            or None if it is missing; shown as its pixels are stored, whatever its EXIF says.
        width: columns of the image, in pixels.
        height: rows of the image, in pixels.
        classes: (class index, name, "#rrggbb"); a class without a colour (None) is
            background: it is not painted, and in error maps it counts as "nothing".
        layers: the annotation first, then one a run.
        annotated: whether the first layer is an annotation; without one there are no errors.
        threshold: where the slider of the least score stands in a fresh viewer.
        title: what a saved picture is called.
        address: of this view, from `links.link`; None where it is the page's own.
        context: names all that the view depends on besides its image.
        image: names the image; by both the browser finds what was sent ahead.
        chosen: name of a layer and position of the object in it that is selected at first.

    Raises:
        ValueError: a label map or mask is not of the image's size.
    """
    for layer in layers:
        _check_size(layer, width, height)
    parts = Parts()
    header = {
        "image": image,
        "chosen": None if chosen is None else {"layer": chosen[0], "object": chosen[1]},
        "width": int(width),
        "height": int(height),
        "photograph": parts.add(None if photograph is None else without_exif(photograph)),
        "annotated": annotated,
        "classes": class_headers(classes),
        "outcomes": OUTCOME_COLOURS,
        "kinds": {kind: PIXEL_PART_COLOURS[kind] for kind in KINDS},
        "layers": [
            {"name": layer.name, "colour": layer.colour, **layer_header(layer, parts)}
            for layer in layers
        ],
    }
    return _packed(
        header,
        parts,
        threshold=threshold,
        title=title,
        address=address,
        context=context,
    )


def with_settings(view: bytes, **settings: object) -> bytes:
    """Return a packed view with other settings; its key and what is drawn stay.

    Args:
        view: of `pack_view`.
        settings: those of its threshold, title, address and context that change.
    """
    (length,) = HEADER_LENGTH.unpack_from(view)
    start = HEADER_LENGTH.size
    header = json.loads(view[start : start + length])
    return _joined({**header, **settings}, view[start + length :])


def pack_photograph(photograph: bytes | None, header: Mapping[str, object]) -> bytes:
    """Pack one photograph, with what a component needs to know of it.

    Args:
        photograph: as of `pack_view`.
        header: JSON.
    """
    parts = Parts()
    place = parts.add(None if photograph is None else without_exif(photograph))
    return _packed({**header, "photograph": place}, parts)


def pack_gallery(
    cells: Sequence[GalleryItem],
    classes: Classes,
    *,
    annotated: bool = True,
    selectable: bool = True,
    errors_first: bool = False,
    category: int | None = None,
    annotation_beneath: bool = False,
    outlined: bool = False,
    noun: str = "image",
    chosen: Mapping[str, object] | None = None,
    carried: Sequence[str] = SHARED,
) -> bytes:
    """Pack a page of images, for `gallery`.

    Args:
        cells: in the order shown; 24 to 96 are comfortable.
        classes: as in `pack_view`.
        annotated: whether the first layer of each cell is an annotation.
        selectable: whether cells have a checkbox.
        errors_first: show the errors of the second layer at first, not the layer itself.
        category: class index to show alone at first, or None for all.
        annotation_beneath: draw the annotation's boxes and masks too, white, under those of a run.
        outlined: draw masks as lines along their edges.
        noun: what a cell shows one of.
        chosen: scope (which list this is a page of), turn and ids, from `ticked.Ticked.header`;
            None of a list of its own.
        carried: query parameters of the current address that links take along.

    Raises:
        ValueError: the cells do not have the same layers, or share an id.
    """
    names = [layer.name for layer in cells[0].layers] if cells else []
    for cell in cells:
        if [layer.name for layer in cell.layers] != names:
            raise ValueError(f"cell {cell.id} does not have the layers of the first cell: {names}")
    if len({cell.id for cell in cells}) < len(cells):
        raise ValueError("two cells of the gallery have the same id")
    parts = Parts()
    header = {
        "annotated": annotated,
        "selectable": selectable,
        "errors_first": errors_first,
        "category": category,
        "annotation_beneath": annotation_beneath,
        "outlined": outlined,
        "noun": noun,
        "carried": list(carried),
        "classes": class_headers(classes),
        "outcomes": OUTCOME_COLOURS,
        "layers": names,
        "cells": [_cell_header(cell, parts) for cell in cells],
    }
    return _packed(header, parts, chosen=chosen or {"scope": noun, "turn": "", "ids": []})


def _cell_header(cell: GalleryItem, parts: Parts) -> dict[str, object]:
    return {
        "id": cell.id,
        "href": cell.href,
        "caption": cell.caption,
        "badges": list(cell.badges),
        "thumbnail": parts.add(cell.thumbnail),
        "width": int(cell.width),
        "height": int(cell.height),
        "layers": [layer_header(_reduced(layer), parts) for layer in cell.layers],
    }


def _reduced(layer: Layer) -> Layer:
    """The layer with its label map at the size of a thumbnail."""
    if layer.label_map is None:
        return layer
    return Layer(**{**vars(layer), "label_map": _nearest(layer.label_map)})


def _nearest(label_map: LabelMap) -> LabelMap:
    """Every k-th label, taken at the centres of the thumbnail's pixels: labels do not mix."""
    height, width = label_map.shape
    new_width, new_height = fitted(width, height, *THUMBNAIL_SIZE)
    rows = (np.arange(new_height) * 2 + 1) * height // (2 * new_height)
    columns = (np.arange(new_width) * 2 + 1) * width // (2 * new_width)
    return label_map[np.ix_(rows, columns)]


def _check_size(layer: Layer, width: int, height: int) -> None:
    if layer.label_map is not None and layer.label_map.shape != (height, width):
        raise ValueError(
            f"{layer.name}: the label map is {layer.label_map.shape}, "
            f"the image {(height, width)} (rows, columns)"
        )
    masks = () if layer.objects is None else layer.objects.masks or ()
    for index, mask in enumerate(masks):
        if (mask.height, mask.width) != (height, width):
            raise ValueError(
                f"{layer.name}: mask {index} is {(mask.height, mask.width)}, "
                f"the image {(height, width)} (rows, columns)"
            )


def _packed(header: dict[str, object], parts: Parts, **settings: object) -> bytes:
    """Join header and parts; settings change nothing that is drawn and are no part of the key."""
    body = parts.joined()
    digest = blake2b(json.dumps(header, allow_nan=False).encode(), digest_size=12)
    digest.update(body)
    # the browser keeps what it drew as long as the key stays
    return _joined({"key": digest.hexdigest(), **settings, **header}, body)


def _joined(header: Mapping[str, object], body: bytes) -> bytes:
    text = json.dumps(header, allow_nan=False).encode()
    return HEADER_LENGTH.pack(len(text)) + text + body
