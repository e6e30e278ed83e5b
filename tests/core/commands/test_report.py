"""python -m core report: what it writes and what it refuses."""

from __future__ import annotations

import shutil

import pytest

from core.__main__ import main
from core.report import pdf
from tests.pages.made_up import full_store

QUICK = ("--resamples", "50", "--cases", "2")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return full_store(tmp_path_factory.mktemp("report") / "store.duckdb").path


@pytest.fixture
def call(path, monkeypatch, capsys):
    monkeypatch.setenv("EVALUATION_STORE", str(path))

    def called(*arguments: object) -> tuple[int, str]:
        status = main(["report", *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return called


def test_it_writes_one_file_and_says_so(call, tmp_path):
    out = tmp_path / "new" / "two.html"
    status, printed = call("sharp", "shifted", "--tag", "odd", "--out", out, *QUICK)
    assert status == 0, printed
    assert "2 runs on 6 images, 2 of them shown" in printed
    assert [each.name for each in out.parent.iterdir()] == ["two.html"]
    assert "tagged odd" in out.read_text(encoding="utf-8")


def test_a_file_that_is_there_is_kept_unless_forced(call, tmp_path):
    out = tmp_path / "two.html"
    out.write_text("mine")
    status, printed = call("sharp", "--out", out, *QUICK)
    assert status == 2
    assert "--force" in printed
    assert out.read_text() == "mine"
    assert call("sharp", "--out", out, "--force", *QUICK)[0] == 0
    assert out.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody", "--out", "a.html"), "no run named 'nobody'"),
        (("sharp", "unet", "--out", "a.html"), "Choose runs of one split"),
        (("sharp", "sharp", "--out", "a.html"), "named twice"),
        (("sharp", "--out", "a.docx"), "ends in .html or .pdf"),
        (("sharp", "--out", "a.html", "--cases", "-1"), "expected a number from 0"),
        (("raw", "--out", "a.html"), "Evaluate it first"),
        (("sharp", "--out", "a.html", "--metric", "top1", "--class", "cat"), "has no top1"),
    ],
)
def test_what_cannot_be_reported_is_told_and_nothing_is_left(
    call, tmp_path, monkeypatch, arguments, said
):
    monkeypatch.chdir(tmp_path)
    status, printed = call(*arguments)
    assert status == 2
    assert said in printed
    assert not list(tmp_path.iterdir())


def test_a_pdf_without_a_browser_says_what_to_do(call, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "BROWSERS", ("no-such-browser",))
    status, printed = call("sharp", "--out", tmp_path / "a.pdf", *QUICK)
    assert status == 2
    assert "Install Chromium" in printed
    assert not list(tmp_path.iterdir())


@pytest.mark.browser
@pytest.mark.skipif(not any(map(shutil.which, pdf.BROWSERS)), reason="no browser that prints")
def test_a_browser_prints_it(call, tmp_path):
    out = tmp_path / "a.pdf"
    assert call("sharp", "--out", out, *QUICK)[0] == 0
    assert out.read_bytes().startswith(b"%PDF")
