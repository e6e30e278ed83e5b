"""The report that Compare systems offers is the one of the command line."""

from __future__ import annotations

import re

from core.__main__ import main
from core.scoring import Choice
from core.store.connection import Store
from pages.ui.report_button import made_report

PAGE = "pages/2_Compare_systems.py"


def test_the_page_offers_it(open_page, full):
    app = open_page(PAGE, full, dataset="pets", split="val", runs=["sharp", "shifted"])
    assert not app.exception
    (button,) = (b for b in app.get("download_button") if b.proto.label == "Report as HTML")
    assert not button.proto.disabled


def test_it_is_what_the_command_writes(full, tmp_path, capsys):
    offered = made_report(Store.at(full), ("sharp", "shifted"), None, Choice(size="small"))
    out = tmp_path / "report.html"
    arguments = ["report", "sharp", "shifted", "--size", "small", "--store", str(full)]
    assert main([*arguments, "--out", str(out)]) == 0
    made = re.compile(r"made \d{4}-\d\d-\d\d \d\d:\d\d UTC")
    assert made.sub("", offered.decode()) == made.sub("", out.read_text(encoding="utf-8"))
