"""A page as PDF, by a browser that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from core.errors import UsageError, WorkFailedError

BROWSERS: Final = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "microsoft-edge",
)
PATIENCE: Final = 120  # seconds


def print_pdf(page: str, target: Path) -> None:
    """Print a page to a PDF file.

    Args:
        page: HTML that needs nothing else.
        target: the file to write.

    Raises:
        UsageError: no browser is found.
        WorkFailedError: the browser did not print.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise UsageError(
            f"A PDF is printed by a browser without a window, and none was found (looked for "
            f"{', '.join(BROWSERS)}). Install Chromium, or write an .html file and print it from "
            "any browser."
        )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "report.html"
        source.write_text(page, encoding="utf-8")
        command = [
            *(browser, "--headless=new", "--disable-gpu", "--no-pdf-header-footer"),
            *(f"--user-data-dir={folder}/profile", f"--print-to-pdf={target.absolute()}"),
            source.as_uri(),
        ]
        if os.geteuid() == 0:
            # the browser's sandbox refuses the superuser; the page holds neither script nor link
            command.insert(1, "--no-sandbox")
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired as error:
            raise WorkFailedError(
                f"{browser} did not print within {PATIENCE} seconds. Write an .html file instead."
            ) from error
    if done.returncode or not target.is_file():
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise WorkFailedError(f"{browser} did not print ({last[0]}). Write an .html file instead.")
