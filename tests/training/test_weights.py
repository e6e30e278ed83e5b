"""Weights are found, hashed, and loaded only if they are known or vouched for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from core.errors import UsageError, WorkFailedError
from training import weights
from training.__main__ import main
from training.protocol import WeightsNeed

NEED = WeightsNeed("net", "a.pt", ("a.pt", "b.pt"), "https://example.invalid/v1/")
CONTENT = b"weights of a"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "cache"
    monkeypatch.setenv("OVERLOOK_WEIGHTS", str(found))
    monkeypatch.setattr(weights, "KNOWN_WEIGHTS", {SHA256: ("a.pt", "the file of this test")})
    monkeypatch.chdir(tmp_path)
    return found


def no_network(name: str, folder: Path) -> Path:
    raise WorkFailedError("no route to host")


def network(name: str, folder: Path) -> Path:
    (folder / name).write_bytes(CONTENT)
    return folder / name


def test_a_known_file_is_loaded_from_where_it_is_named(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "renamed.pt"
    path.write_bytes(CONTENT)
    found = weights.find_weights(NEED, path, no_network, trust=False)
    assert found == weights.Weights(path, SHA256)


def test_an_unknown_file_needs_trust(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.pt"
    path.write_bytes(CONTENT + b"!")
    with pytest.raises(UsageError) as error:
        weights.find_weights(NEED, path, no_network, trust=False)
    assert hashlib.sha256(CONTENT + b"!").hexdigest() in str(error.value)
    assert "--trust-weights" in str(error.value)
    assert weights.find_weights(NEED, path, no_network, trust=True).path == path


@pytest.mark.parametrize("given", [None, Path("a.pt")])
def test_the_folder_of_weights_comes_before_the_network(folder: Path, given: Path | None) -> None:
    folder.mkdir()
    (folder / "a.pt").write_bytes(CONTENT)
    found = weights.find_weights(NEED, given, no_network, trust=False)
    assert found.path == folder / "a.pt"
    assert weights.local_weights(NEED) == [folder / "a.pt"]


def test_what_is_not_here_is_downloaded_and_checked(folder: Path) -> None:
    assert weights.find_weights(NEED, None, network, trust=False).sha256 == SHA256


def test_a_download_with_another_content_is_not_loaded(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr(weights, "KNOWN_WEIGHTS", {"0" * 64: ("a.pt", "another")})
    with pytest.raises(UsageError, match="does not know"):
        weights.find_weights(NEED, None, network, trust=False)


def test_without_a_network_the_way_out_is_told(folder: Path) -> None:
    with pytest.raises(WorkFailedError) as error:
        weights.find_weights(NEED, None, no_network, trust=False)
    for part in ("a.pt", "https://example.invalid/v1/a.pt", str(folder), "no route to host"):
        assert part in str(error.value)


def test_a_download_that_could_not_be_checked_is_not_begun(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"If you trust https://example.invalid/v1/b.pt, add"):
        weights.find_weights(NEED, Path("b.pt"), network, trust=False)
    assert not folder.exists()


@pytest.mark.parametrize("given", ["c.pt", "sub/a.pt", "../a.pt"])
def test_a_file_that_is_nowhere_is_refused_with_the_official_names(
    folder: Path, given: str
) -> None:
    folder.mkdir()
    (folder / "a.pt").write_bytes(CONTENT)
    with pytest.raises(UsageError, match=r"names that are known: a.pt, b.pt"):
        weights.find_weights(NEED, Path(given), network, trust=False)


def test_the_default_folder_is_below_the_home(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OVERLOOK_WEIGHTS", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert weights.weights_folder() == tmp_path / ".cache" / "overlook" / "weights"


def test_known_hashes_are_hashes() -> None:
    for sha256, (name, what) in weights.KNOWN_WEIGHTS.items():
        assert len(bytes.fromhex(sha256)) == 32
        assert name.endswith((".pt", ".pth"))
        assert what


@pytest.mark.shared
def test_the_shared_files_are_known_for_what_they_are(shared_data: Path) -> None:
    for name in ("yolov8n.pt", "yolov8n-seg.pt"):
        sha256 = weights.sha256_of(shared_data / "weights" / name)
        assert weights.KNOWN_WEIGHTS[sha256][0] == name
        assert "not its official file" in weights.KNOWN_WEIGHTS[sha256][1]


def test_list_tells_where_weights_are_looked_for_and_what_is_there(folder: Path, capsys) -> None:
    folder.mkdir()
    assert main(["list"]) == 0
    empty = capsys.readouterr().out
    assert str(folder) in empty
    assert "not found: yolov8n-seg.pt; from https://github.com/ultralytics" in empty
    (folder / "yolov8n-seg.pt").write_bytes(CONTENT)
    (folder / "yolov8x.pt").write_bytes(b"?")
    main(["list"])
    full = capsys.readouterr().out
    assert f"found: {folder / 'yolov8n-seg.pt'} (the file of this test)" in full
    assert f"found: {folder / 'yolov8x.pt'} (not known: needs --trust-weights)" in full
    assert "not found: yolov8n-seg.pt" not in full


def test_two_files_for_one_stage_are_refused(folder: Path, tmp_path: Path, capsys, bench) -> None:
    assert bench.predict("--weights", "fake=other.bin") == 2
    assert "expected one file a stage" in capsys.readouterr().err
