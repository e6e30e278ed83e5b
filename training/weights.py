"""Files of weights: where they are, what they are, and whether they may be loaded.

Loading a .pt file runs whatever code is in it, so such a file is loaded only if its SHA-256 is
known here or the user vouches for it. Files of formats that hold numbers alone need neither.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError, WorkFailedError
from training.protocol import WeightsNeed

ENVIRONMENT_VARIABLE = "OVERLOOK_WEIGHTS"
# Small weights that ship with Overlook: checkpoints/STAGE/NAME, each with its card and history.
SHIPPED = Path(__file__).parent / "checkpoints"
# Systems load .keras files in Keras' safe mode, which refuses code.
CODELESS = (".safetensors", ".weights.h5", ".keras", ".json")

_OFFICIAL = "official release file of ultralytics, trained on COCO"
_SAM = "official file of Meta's segment-anything"
_REBUILT = (
    "rebuilt from the official export with 8-bit weights into the usual layout: the official "
    "model but for the rounding of that export, and not its official file"
)
# SHA-256 -> (official name, what the file is). The hashes of official files are those that many
# independent projects recorded when they downloaded them.
KNOWN_WEIGHTS = {
    "f59b3d833e2ff32e194b5bb8e08d211dc7c5bdf144b90d2c8412c47ccfc83b36": ("yolov8n.pt", _OFFICIAL),
    "1f47a78bf100391c2a140b7ac73a1caae18c32779be7d310658112f7ac9aa78a": ("yolov8s.pt", _OFFICIAL),
    "5d4a90cdc7a21786cc59cd19778e9eafff836df9e2da32524737c7ee6efe4fe5": ("yolov8m.pt", _OFFICIAL),
    "a7cd8f929e1903d78a12a48efecab430209f18dc46cb96c3599a5980c63c423c": (
        "yolov8n-seg.pt",
        _OFFICIAL,
    ),
    "0bac0770b55e5eb5b76a61bc535673288dcec36c2bc0cd25ee0d584c632f3413": (
        "yolov8s-seg.pt",
        _OFFICIAL,
    ),
    "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912": (
        "sam_vit_b_01ec64.pth",
        _SAM,
    ),
    "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622": (
        "sam_vit_l_0b3195.pth",
        _SAM,
    ),
    "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e": (
        "sam_vit_h_4b8939.pth",
        _SAM,
    ),
    "3c10e44768be9ef9a5b97f277cdaf8e4d5c9a1f27915b143d32330f340889c7e": ("yolov8n.pt", _REBUILT),
    "dda1d7c4a141bb353de74c5a2505b41aaa5820b516679100eeda5acee04e209e": (
        "yolov8n-seg.pt",
        _REBUILT,
    ),
}

Fetch = Callable[[str, Path], Path]


@dataclass(frozen=True)
class Weights:
    """A file of weights that may be loaded.

    Attributes:
        path: where it is.
        sha256: of its bytes.
    """

    path: Path
    sha256: str


def weights_folder() -> Path:
    """Return where weights are looked for and downloaded to."""
    given = os.environ.get(ENVIRONMENT_VARIABLE)
    return Path(given).expanduser() if given else Path.home() / ".cache" / "overlook" / "weights"


def find_weights(need: WeightsNeed, given: Path | None, fetch: Fetch, *, trust: bool) -> Weights:
    """Return the file of weights to load.

    Args:
        need: what the system works with.
        given: what the user named: a path, or the name of a file in `weights_folder` or among
            those that ship with Overlook.
        fetch: downloads an official file into a folder, or raises WorkFailedError.
        trust: whether the user vouches for files that are not known.

    Raises:
        UsageError: the file is not there, or it may not be loaded.
        WorkFailedError: it is not there and could not be downloaded.
    """
    path = _local(need, given) or _downloaded(need, given, fetch, trust=trust)
    weights = Weights(path, sha256_of(path))
    if not path.name.endswith(CODELESS) and weights.sha256 not in KNOWN_WEIGHTS and not trust:
        raise UsageError(
            f"{path} has the SHA-256 {weights.sha256}, which Overlook does not know. Loading a "
            "file of weights runs whatever code is in it. If you trust where it came from, add "
            "--trust-weights."
        )
    return weights


def not_published(name: str, folder: Path) -> Path:
    """Refuse to download: these weights ship with Overlook, or are trained with it.

    Raises:
        WorkFailedError: always.
    """
    raise WorkFailedError(
        f"{name} is not published; it ships with Overlook or comes from `python -m training fit`, "
        f"and is not in {folder}"
    )


def local_weights(need: WeightsNeed) -> list[Path]:
    """Return the official files of a need that are here, the default first."""
    names = dict.fromkeys((need.default, *need.known))
    return [path for name in names if (path := _named(need, name)) is not None]


def description_of(path: Path) -> str:
    """Return what a file of weights is, as far as it is known."""
    if SHIPPED in path.parents:
        return "ships with Overlook"
    if path.name.endswith(CODELESS):
        return "not known, but of a format that holds no code"
    _, what = KNOWN_WEIGHTS.get(sha256_of(path), ("", "not known: needs --trust-weights"))
    return what


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}). Name a file of weights that can."
        ) from error


def _local(need: WeightsNeed, given: Path | None) -> Path | None:
    """Return the file if it is here, None if it is an official one that has to be fetched."""
    if given is not None and given.expanduser().is_file():
        return given.expanduser()
    name = need.default if given is None else str(given)
    here = _named(need, name)
    if here is not None:
        return here
    if name in need.known and need.address:
        return None
    raise UsageError(
        f"There is no file of weights {name}, neither here nor in {weights_folder()}. Give the "
        f"path of a file, or one of the names that are known: {', '.join(need.known)}; or make "
        "weights with `python -m training fit`, where the system can be trained."
    )


def _named(need: WeightsNeed, name: str) -> Path | None:
    """Return the file of a name in `weights_folder`, or else among those that ship."""
    if Path(name).name != name:
        return None
    places = (weights_folder() / name, SHIPPED / need.stage / name)
    return next((path for path in places if path.is_file()), None)


def _downloaded(need: WeightsNeed, given: Path | None, fetch: Fetch, *, trust: bool) -> Path:
    name = need.default if given is None else str(given)
    address, folder = need.address_of(name), weights_folder()
    if name not in {known for known, _ in KNOWN_WEIGHTS.values()} and not trust:
        raise UsageError(
            f"{name} is not in {folder}, and Overlook does not know its SHA-256, so a download "
            "could not be checked. Loading a file of weights runs whatever code is in it. If you "
            f"trust {address}, add --trust-weights."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return fetch(name, folder)
    except (OSError, WorkFailedError) as error:
        raise WorkFailedError(
            f"The weights {name} are not in {folder}, and they could not be downloaded ({error}). "
            f"Download {address} where there is a network, put the file into {folder}, and start "
            "again; or name a file with --weights."
        ) from error
