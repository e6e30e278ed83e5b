"""The other ways to COCO's figures, as far as they are installed."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

IOU_TYPES = {"box": "bbox", "mask": "segm"}
Stats = list[float]


def installed(package: str) -> str | None:
    """Return name and version of a package, or None if it is not there."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return None


class Indexed:
    """Files that a peer has read, and how it goes on from there."""

    def __init__(self, annotations: Path, results: Path, coco: Any, evaluation: Any) -> None:
        """Read both files with the peer's own `COCO`."""
        with contextlib.redirect_stdout(io.StringIO()):
            self._truth = coco(str(annotations))
            self._found = self._truth.loadRes(str(results))
        self._evaluation = evaluation

    def stats(self, geometry: str, categories: Sequence[int] | None = None) -> Stats:
        """Return the twelve figures, of some category ids if they are given."""
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation = self._evaluation(self._truth, self._found, IOU_TYPES[geometry])
            if categories is not None:
                evaluation.params.catIds = list(categories)
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        return [float(each) for each in np.asarray(evaluation.stats)[:12]]


def coco_peers() -> dict[str, Callable[[Path, Path], Indexed]]:
    """Return, by name and version, the peers with pycocotools' interface: files to `Indexed`."""
    found: dict[str, Callable[[Path, Path], Indexed]] = {}
    for package, importer in (
        ("pycocotools", _pycocotools),
        ("faster-coco-eval", _faster_coco_eval),
        ("hotcoco", _hotcoco),
    ):
        name = installed(package)
        if name is not None:
            coco, evaluation = importer()
            found[name] = lambda a, r, coco=coco, evaluation=evaluation: Indexed(
                a, r, coco, evaluation
            )
    return found


def _pycocotools() -> tuple[Any, Any]:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    return COCO, COCOeval


def _faster_coco_eval() -> tuple[Any, Any]:
    from faster_coco_eval import COCO, COCOeval_faster

    return COCO, COCOeval_faster


def _hotcoco() -> tuple[Any, Any]:
    from hotcoco import COCO, COCOeval

    return COCO, COCOeval
