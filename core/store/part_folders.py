"""Where parts lie: a folder of this machine, or one that several machines share.

A part has its name only once it is whole. A killed writer leaves a file that ends in ".tmp".
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import UsageError

ENDING, ASIDE = ".parquet", ".tmp"
COMPRESSION = "zstd"
# schemes that pyarrow speaks itself; all others are fsspec's
NATIVE = ("file", "s3", "gs", "gcs", "hdfs", "viewfs", "abfs", "abfss", "hf")


class PartFolder(Protocol):
    """A folder of parts; a name is a file's, with its ending."""

    def pending(self) -> list[str]:
        """Return the names of the parts there, ascending."""

    def exists(self, name: str) -> bool:
        """Return whether a part is there."""

    def write(self, name: str, rows: pa.Table) -> None:
        """Write a part: once it has its name, it is whole. One of that name is replaced.

        Raises:
            OSError: it cannot be written.
        """

    def read(self, name: str, schema: pa.Schema) -> tuple[pa.Table, int]:
        """Return the rows of a part, and its size in bytes.

        Raises:
            UsageError: it cannot be read.
        """

    def delete(self, name: str) -> None:
        """Delete a part, if it is there."""


@dataclass(frozen=True)
class LocalFolder:
    """A folder that this machine has mounted; it exists."""

    path: Path

    def pending(self) -> list[str]:
        """Return the names of the parts there, ascending."""
        return sorted(part.name for part in self.path.glob(f"*{ENDING}"))

    def exists(self, name: str) -> bool:
        """Return whether a part is there."""
        return (self.path / name).exists()

    def write(self, name: str, rows: pa.Table) -> None:
        """Write a part, and bring it and its name to the disk."""
        path = self.path / name
        aside = path.with_suffix(f".{uuid4().hex[:12]}{ASIDE}")
        with aside.open("wb") as file:
            pq.write_table(rows, file, compression=COMPRESSION)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        _sync_folder(self.path)

    def read(self, name: str, schema: pa.Schema) -> tuple[pa.Table, int]:
        """Return the rows of a part, and its size in bytes."""
        path = self.path / name
        try:
            return pq.read_table(path, schema=schema), path.stat().st_size
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(str(path), error) from error

    def delete(self, name: str) -> None:
        """Delete a part, if it is there."""
        (self.path / name).unlink(missing_ok=True)


@dataclass(frozen=True, eq=False)
class RemoteFolder:
    """A folder of an object store or a network file system.

    Attributes:
        filesystem: a `pyarrow.fs.FileSystem`.
        path: of the folder in it.
        address: as it is shown.
    """

    filesystem: Any
    path: str
    address: str

    def pending(self) -> list[str]:
        """Return the names of the parts there, ascending."""
        from pyarrow.fs import FileSelector

        selector = FileSelector(self.path, allow_not_found=True)
        found = self.filesystem.get_file_info(selector)
        return sorted(each.base_name for each in found if each.base_name.endswith(ENDING))

    def exists(self, name: str) -> bool:
        """Return whether a part is there."""
        return bool(self.filesystem.get_file_info(self._place(name)).is_file)

    def write(self, name: str, rows: pa.Table) -> None:
        """Write a part aside and move it: a copy has its name only when it is whole."""
        aside = self._place(f"{name}.{uuid4().hex[:12]}{ASIDE}")
        self.filesystem.create_dir(self.path, recursive=True)
        with self.filesystem.open_output_stream(aside) as stream:
            pq.write_table(rows, stream, compression=COMPRESSION)
        self.filesystem.move(aside, self._place(name))

    def read(self, name: str, schema: pa.Schema) -> tuple[pa.Table, int]:
        """Return the rows of a part, and its size in bytes."""
        try:
            with self.filesystem.open_input_file(self._place(name)) as file:
                return pq.read_table(file, schema=schema), int(file.size())
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(f"{self.address}/{name}", error) from error

    def delete(self, name: str) -> None:
        """Delete a part, if it is there."""
        if self.exists(name):
            self.filesystem.delete_file(self._place(name))

    def _place(self, name: str) -> str:
        return f"{self.path}/{name}"


def folder_at(address: str, below: str = "") -> PartFolder:
    """Return the folder that a path or an address such as s3://bucket/folder names.

    Args:
        address: a path, or an address of a file system that pyarrow or fsspec speaks.
        below: name of the folder inside it.

    Raises:
        UsageError: it cannot be opened; passwords in the address are not shown.
    """
    parts = urlsplit(address)
    if "://" not in address or parts.scheme == "file":
        path = Path(parts.path if parts.scheme == "file" else address).expanduser() / below
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _closed(address, error) from error
        return LocalFolder(path.absolute())
    from pyarrow.fs import FileSystem

    spoken = address if parts.scheme in NATIVE else f"fsspec+{address}"
    try:
        filesystem, path_inside = FileSystem.from_uri(spoken)
    except (pa.ArrowException, ImportError, OSError, ValueError) as error:
        raise _closed(address, error) from error
    inside = "/".join(each for each in (path_inside.rstrip("/"), below) if each)
    return RemoteFolder(filesystem, inside, f"{shown(address).rstrip('/')}/{below}".rstrip("/"))


def shown(address: str) -> str:
    """Return an address without what is secret in it: name, password and query.

    >>> shown("s3://key:secret@bucket/folder?region=x")
    's3://bucket/folder'
    """
    parts = urlsplit(address)
    if "://" not in address:
        return address
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _sync_folder(folder: Path) -> None:
    """Bring a new name to the disk: a rename alone may be lost with the power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unreadable(place: str, error: Exception) -> UsageError:
    return UsageError(
        f"{place} cannot be read as a part ({error}). Delete it and start the job again: it "
        "answers the part's images anew."
    )


def _closed(address: str, error: Exception) -> UsageError:
    reason = str(error).splitlines()[0].replace(address, shown(address))
    return UsageError(
        f"The parts cannot be kept in {shown(address)} ({reason}). Expected a folder, or an "
        "address such as s3://bucket/folder or gs://bucket/folder that this machine may write to; "
        "other schemes need their package of fsspec."
    )
