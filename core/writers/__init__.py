"""Writers: one file format each, what readers read in the other direction.

A new format is its module and a line here. Modules are imported when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from core.writers.contents import RunContents


@dataclass(frozen=True)
class Form:
    """How a run is written.

    Attributes:
        writer: "module:function", of the contents and the path to write.
        folder: ending of the files of a folder, or None where it is one file.
        of: what of a run it holds, "objects" or "maps".
    """

    writer: str
    folder: str | None
    of: str

    def write(self, contents: RunContents, target: Path) -> str:
        """Write a run and return what was written, in a few words.

        Raises:
            UsageError: the format cannot hold it.
        """
        module, function = self.writer.split(":")
        writer: Callable[[RunContents, Path], str] = getattr(import_module(module), function)
        return writer(contents, target)


EXPORT_FORMATS: dict[str, Form] = {
    "coco-instances": Form("core.writers.coco:write_instances", None, "objects"),
    "coco-results": Form("core.writers.coco:write_results", None, "objects"),
    "csv": Form("core.writers.object_csv:write_csv", None, "objects"),
    "label-png": Form("core.writers.label_png:write_label_pngs", ".png", "maps"),
    "parquet": Form("core.writers.object_parquet:write_parquet", None, "objects"),
    "submission": Form("core.writers.submission:write_submission", None, "maps"),
    "yolo": Form("core.writers.yolo:write_yolo", ".txt", "objects"),
}
