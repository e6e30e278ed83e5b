"""Arrays from strangers: what numpy and plain unpacking read is read, all else is refused."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from core.errors import UsageError
from core.readers import array_files
from core.readers.array_files import open_array


def idx(*sides: int, content: bytes | None = None, kind: int = 8) -> bytes:
    count = int(np.prod(sides))
    head = struct.pack(f">BBBB{len(sides)}I", 0, 0, kind, len(sides), *sides)
    return head + (bytes(i % 251 for i in range(count)) if content is None else content)


def npy(array: np.ndarray, **options) -> bytes:
    written = io.BytesIO()
    np.save(written, array, **options)
    return written.getvalue()


def header(text: str, version: bytes = b"\x01\x00", rest: bytes = b"") -> bytes:
    """A .npy file with a header of one's own wording."""
    padded = text.encode() + b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(padded)) + padded + rest


def claims(shape: str, descr: str = "'|u1'", order: bool = False) -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


@pytest.mark.parametrize("dtype", ["?", "u1", "<u2", ">u2", "<i8", "<f2", ">f4", "<f8"])
@pytest.mark.parametrize("shape", [(7,), (3, 4), (2, 3, 4), (2, 3, 4, 3)])
def test_npy_files_hold_what_numpy_saved(tmp_path, dtype, shape):
    saved = np.random.default_rng(3).integers(0, 2, shape).astype(dtype)
    np.save(tmp_path / "a.npy", saved)
    array = open_array(tmp_path / "a.npy")
    assert (array.shape, array.dtype) == (shape, saved.dtype)
    np.testing.assert_array_equal(array.all(), saved)
    np.testing.assert_array_equal(array.numbers(2, 3), saved.ravel()[2:5])


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
def test_idx_files_hold_what_plain_unpacking_finds(tmp_path, pack):
    content = idx(5, 4, 3)
    (tmp_path / "images").write_bytes(pack(content))
    array = open_array(tmp_path / "images")
    zero, kind, count, *sides = struct.unpack(">HBB3I", content[:16])
    assert (zero, kind, count, tuple(sides)) == (0, 8, 3, array.shape)
    assert array.numbers(12, 12).tolist() == list(content[16 + 12 : 16 + 24])
    assert array.all().tolist()[4][3] == list(content[-3:])


class Trap:
    def __reduce__(self):
        return Path.touch, (Path("/tmp/overlook-was-here"),)


MALFORMED = {
    "empty": (b"", "it begins with b''"),
    "text": (b"label,file\n", "expected a .npy file"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(99), "expected a .npy file"),
    "gz cut off": (gzip.compress(idx(90, 9, 9))[:-20], "the file cannot be read"),
    "gz of noise": (b"\x1f\x8b" + bytes(range(90)), "the file cannot be read"),
    "gz of text": (gzip.compress(b"hello world"), "it begins with b'hello '"),
    "idx of floats": (idx(2, kind=13), "type 0x0d and 1 dimensions; expected unsigned bytes"),
    "idx no dimensions": (b"\0\0\x08\0", "type 0x08 and 0 dimensions"),
    "idx many dimensions": (b"\0\0\x08\xff" + bytes(1099), "255 dimensions"),
    "idx only magic": (b"\0\0\x08\x03\0\0", "the file ends inside its header"),
    "idx short": (idx(5, 4, 3)[:-1], "5 x 4 x 3 numbers of 1 bytes, 60 bytes together, but 59"),
    "idx long": (idx(5, 4, 3) + b"\0", "60 bytes together, but 61 follow"),
    "idx huge": (idx(2, content=b"", kind=8)[:4] + b"\xff" * 4, "claims 4294967295 numbers"),
    "idx of none": (idx(0, 4, 4), "shape (0, 4, 4); expected 1 to 4 dimensions of 1 or more"),
    "npy short": (npy(np.zeros((4, 4)))[:-8], "128 bytes together, but 120 follow"),
    "npy long": (npy(np.zeros(4)) + b"x", "32 bytes together, but 33 follow"),
    "npy huge": (header(claims(f"({10**15},)")), "but 0 follow"),
    "npy overflow": (header(claims("(4294967296, 4294967296, 4294967296)")), "but 0 follow"),
    "npy negative": (header(claims("(-1, 4)")), "shape (-1, 4); expected"),
    "npy scalar": (npy(np.float64(3)), "shape (); expected 1 to 4"),
    "npy five dimensions": (npy(np.zeros((1,) * 5)), "shape (1, 1, 1, 1, 1)"),
    "npy expression": (header("__import__('os').getcwd()"), "its .npy header cannot be read"),
    "npy no dictionary": (header("[1, 2]"), "its .npy header cannot be read"),
    "npy nested": (header("(" * 3000), "its .npy header cannot be read"),
    "npy cut in header": (npy(np.zeros(4))[:30], "its .npy header cannot be read"),
    "npy long header": (header(claims("(1,)") + " " * 20000), "its .npy header cannot be read"),
    "npy version 9": (header(claims("(1,)"), b"\x09\x00"), "its .npy header cannot be read"),
    "npy Fortran": (npy(np.asfortranarray(np.ones((2, 3)))), "it is in Fortran order"),
    "npy complex": (npy(np.ones(3, complex)), "holds complex128; expected plain numbers"),
    "npy texts": (npy(np.array(["a", "b"])), "holds <U1; expected plain numbers"),
    "npy records": (npy(np.zeros(2, [("a", "u1")])), "expected plain numbers"),
    "npy times": (npy(np.zeros(2, "M8[s]")), "expected plain numbers"),
    "npy objects": (npy(np.array([Trap()], object), allow_pickle=True), "never unpickled"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_files_are_refused_in_one_paragraph(tmp_path, name):
    content, said = MALFORMED[name]
    path = tmp_path / "a.npy"
    path.write_bytes(content)
    with pytest.raises(UsageError) as told:
        open_array(path)
    assert said in str(told.value)
    assert str(told.value).startswith(f"{path}: ")
    assert "\n" not in str(told.value)


def test_objects_are_not_unpickled(tmp_path, monkeypatch):
    monkeypatch.setattr(pickle, "load", lambda *_, **__: pytest.fail("something was unpickled"))
    np.save(tmp_path / "a.npy", np.array([Trap()], object), allow_pickle=True)
    with pytest.raises(UsageError, match="never unpickled"):
        open_array(tmp_path / "a.npy")


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(array_files, "MOST_UNPACKED", 1000)
    (tmp_path / "a.gz").write_bytes(gzip.compress(idx(1000, 100)))
    with pytest.raises(UsageError, match=r"more than 1000 bytes. Unpack it \(gunzip\)"):
        open_array(tmp_path / "a.gz")


def test_missing_files_and_folders_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.npy"):
        with pytest.raises(UsageError, match="there is no such file"):
            open_array(path)


def test_numbers_beyond_the_array_or_a_file_cut_off_since_are_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(10))
    array = open_array(path)
    for first, count in ((-1, 2), (9, 2), (0, 11)):
        with pytest.raises(UsageError, match="it holds 10 numbers"):
            array.numbers(first, count)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(UsageError, match="has become shorter"):
        array.numbers(9, 1)


def test_a_file_packed_anew_is_unpacked_anew(tmp_path):
    path = tmp_path / "a.gz"
    for fill in (1, 2):
        path.write_bytes(gzip.compress(idx(3, content=bytes([fill] * 3))))
        os.utime(path, ns=(fill * 10**9, fill * 10**9))
        assert open_array(path).all().tolist() == [fill] * 3
