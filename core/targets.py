"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import UsageError


@contextmanager
def new_file(target: Path, *, force: bool = False) -> Iterator[Path]:
    """Yield the temporary path of a file that becomes `target` when the block ends well.

    Args:
        target: the file to write; its folder is made.
        force: whether a file of this name may be replaced.

    Raises:
        UsageError: the file is there and not to be replaced, or cannot be written.
    """
    if target.is_dir():
        raise UsageError(f"{target} is a folder; expected the name of a file to write.")
    if target.exists() and not force:
        raise UsageError(f"{target} exists. Name another file, or give --force to replace it.")
    with _aside(target) as unfinished:
        yield unfinished
        unfinished.replace(target)


@contextmanager
def new_folder(
    target: Path, ending: str | tuple[str, ...], *, force: bool = False
) -> Iterator[Path]:
    """Yield the temporary path of a folder that becomes `target` when the block ends well.

    Args:
        target: the folder to write; the one above it is made. An empty one may be there.
        ending: of the files that it will hold, such as ".png", or several.
        force: whether a folder of such files, and nothing else, may be replaced.

    Raises:
        UsageError: the folder is there and not to be replaced, or cannot be written.
    """
    _refuse_folder(target, ending, force=force)
    with _aside(target) as unfinished:
        unfinished.mkdir()
        yield unfinished
        if not target.exists():
            unfinished.replace(target)
            return
        replaced = unfinished.with_name(f"{target.name}.replaced")
        target.replace(replaced)
        try:
            unfinished.replace(target)
        except OSError:
            replaced.replace(target)
            raise


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """Yield a path of the target's name in a temporary folder beside it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unfinished-") as folder:
            yield Path(folder) / target.name
    except OSError as error:
        raise UsageError(
            f"{target} cannot be written ({error.strerror or error}). Name another place, or make "
            "room; nothing half written is left."
        ) from error


def _refuse_folder(target: Path, ending: str | tuple[str, ...], *, force: bool) -> None:
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file; expected the name of a folder to write.")
    held = list(target.iterdir()) if target.is_dir() else []
    if held and not force:
        raise UsageError(
            f"{target} exists and is not empty. Name another folder, or give --force to replace it."
        )
    strange = [path.name for path in held if not path.is_file() or not path.name.endswith(ending)]
    if strange:
        endings = ending if isinstance(ending, str) else " and ".join(ending)
        raise UsageError(
            f"{target} holds {strange[0]!a}, which no export wrote: it will not be replaced, "
            f"not even with --force. Name another folder; this one would hold {endings} files only."
        )
