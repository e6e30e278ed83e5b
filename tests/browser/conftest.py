"""A server and a browser for tests that look at the app as a visitor does."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.browser.seen import opened, set_range

ROOT = Path(__file__).resolve().parents[2]
APPS = Path(__file__).parent / "apps"
START_SECONDS = 60
PATIENCE = 15_000  # milliseconds that a page may take on a busy machine

collect_ignore = ["apps"]  # scripts for the server, not for pytest


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_healthy(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with status {server.returncode}")
        try:
            with urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"no server at {url} after {START_SECONDS} s")


@pytest.fixture(scope="session")
def serve(tmp_path_factory) -> Iterator[Callable[..., str]]:
    """serve(script, store, base, *options) starts `streamlit run` and returns its address."""
    servers: list[subprocess.Popen] = []
    log = (tmp_path_factory.mktemp("server") / "log.txt").open("w")

    def start(script: Path, store: Path | None = None, base: str = "", *options: str) -> str:
        port = free_port()
        shared = os.environ.get("SHARED_DATA", str(ROOT.parent / "shared" / "data"))
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "SHARED_DATA": shared}
        if store is not None:
            environment["EVALUATION_STORE"] = str(store)
        command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
        command += options
        if base:
            command.append(f"--server.baseUrlPath={base}")
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        servers.append(server)
        url = f"http://127.0.0.1:{port}/{base}".rstrip("/")
        wait_until_healthy(url, server)
        return url

    yield start
    for server in servers:
        server.terminate()
        server.wait(timeout=20)
    log.close()


@pytest.fixture(scope="session")
def demo(serve) -> str:
    """The address of the app over made-up images."""
    return serve(APPS / "demo" / "Home.py")


@pytest.fixture(scope="session")
def chromium():
    """A headless browser; tests are skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api")
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
    if program is None:
        missing = "no Chromium found; set CHROMIUM to its program"
        # on the project's own machines a missing browser is a fault, not an excuse
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    sync_api.expect.set_options(timeout=PATIENCE)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def _pages(chromium):
    """Yield a function that opens pages; script errors and foreign requests are faults."""
    contexts, faults = [], []

    def record(request) -> None:
        if not request.url.startswith(("http://127.0.0.1", "blob:", "data:")):
            faults.append(f"request to {request.url}")

    def open_page(**options):
        context = chromium.new_context(**{"viewport": {"width": 1400, "height": 1000}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("request", record)
        page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        page.on("dialog", lambda dialog: faults.append(dialog.message) or dialog.dismiss())
        page.set_default_timeout(PATIENCE)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


new_page = pytest.fixture(_pages, name="new_page")
open_page = pytest.fixture(_pages, scope="module", name="open_page")


@pytest.fixture(scope="module")
def with_photograph(demo, open_page):
    return opened(open_page(), f"{demo}/Masks")


@pytest.fixture(scope="module")
def without_photograph(demo, open_page):
    return opened(open_page(), f"{demo}/Masks?photograph=no")


def reset(page) -> None:
    page.locator("canvas").first.hover()
    page.mouse.move(0, 0)  # takes the cross away
    page.get_by_text("Side by side", exact=True).click()
    page.get_by_label("Draw").select_option("pixels")
    page.get_by_label("Outlines").uncheck()
    page.get_by_text("All classes", exact=True).last.click()
    page.get_by_role("button", name="Fit").click()
    set_range(page, ".opacity", 55)
    set_range(page, ".threshold", 0)


@pytest.fixture
def viewer(with_photograph):
    """The mask viewer on the made-up image, as at the first visit."""
    reset(with_photograph)
    return with_photograph


@pytest.fixture
def bare(without_photograph):
    """The same without a photograph, where painted colours are not mixed with it."""
    reset(without_photograph)
    return without_photograph
