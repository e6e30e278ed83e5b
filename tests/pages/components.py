"""What a page hands to the components that draw in the browser."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

from streamlit.testing.v1 import AppTest


def component(app: AppTest, name: str) -> Any:
    """The data of the component `name`: a dict, or its unpacked payload."""
    (found,) = [
        each.proto
        for each in app.get("bidi_component")
        if each.proto.component_name == f"{name}_en"
    ]
    return json.loads(found.json) if found.json else Payload(found.bytes)


class Payload:
    """A payload of viewer or gallery."""

    def __init__(self, packed: bytes) -> None:
        size = struct.unpack_from("<I", packed)[0]
        self.header = json.loads(packed[4 : 4 + size])
        self._body = packed[4 + size :]

    def objects(self, layer: dict[str, Any]) -> dict[str, Any] | None:
        """The objects of a layer's header."""
        if layer["objects"] is None:
            return None
        start, length = layer["objects"]
        return json.loads(zlib.decompress(self._body[start : start + length]))

    def labels(self, layer: dict[str, Any]) -> bytes | None:
        """The label map of a layer's header, row by row."""
        if layer["map"] is None:
            return None
        start, length = layer["map"]["part"]
        return zlib.decompress(self._body[start : start + length])
