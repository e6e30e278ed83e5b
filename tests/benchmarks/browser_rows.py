"""Rows of the benchmark table: what a visitor waits for in the browser, beside `st.image`.

Wall-clock time of headless Chromium on this machine, medians; `st.image` does the same work by
painting overlays with NumPy on the server.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from tests.benchmarks import browser_scene
from tests.benchmarks.race import Timing
from tests.browser.conftest import free_port, wait_until_healthy

ROOT = Path(__file__).resolve().parents[2]
PROBE = Path(__file__).with_name("browser_probe.js")
FRAME, NEXT, PAGE = 0.016, 0.150, 0.500  # seconds: the most that a visitor should wait
PAGE_BYTES = 1.5e6
FRAMES, TURNS = 40, 12

FRAME_ACTS = {
    "opacity": "(i) => { const e = find('.opacity'); e.value = 20 + i;"
    " e.dispatchEvent(new Event('input')); }",
    "class toggle": "(i) => findAll('.chips .chip')[i % 20].click()",
    "pointer": "(i) => { const e = find('canvas'), b = e.getBoundingClientRect();"
    " e.dispatchEvent(new PointerEvent('pointermove',"
    " { clientX: b.left + b.width / 3 + i, clientY: b.top + b.height / 2 + i })); }",
}
LARGEST_CLASS = "() => find('.chips .chip').click()"
COVERED = {
    "four fifths of 1280×960": "?maps=covered_map",
    "four fifths of 12 megapixels": "?maps=covered_map&size=HUGE",
}


def rows(folder: Path, _images: int) -> Iterator[Timing]:
    """Yield the rows; none, with a word on standard error, where there is no Chromium.

    Args:
        folder: for the made-up store.
        _images: of no meaning here: a page shows as many as it shows.
    """
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
    if program is None:
        print("browser: left out, no Chromium found; set CHROMIUM to its program", file=sys.stderr)
        return
    store = browser_scene.write_store(folder / "browser")
    with ExitStack() as stack:
        environment = {"EVALUATION_STORE": str(store), "OVERLOOK_SCENE": str(store.parent)}
        apps = [Path(__file__).with_name("browser_app.py"), ROOT / "Home.py"]
        plain, product = (stack.enter_context(_served(app, environment)) for app in apps)
        browser = stack.enter_context(_browser(program))
        yield from _frames(browser, plain)
        yield from _largest_class(browser, plain)
        yield _next_image(browser, plain, product)
        yield _thumbnails(browser, plain, product)


def _frames(browser: Any, plain: str) -> Iterator[Timing]:
    page, images = _opened(browser, plain), _opened(browser, f"{plain}?way=overlays")
    page.locator("[data-ready]").wait_for(state="attached")
    before = page.get_by_text("runs of the script").inner_text()
    changes = {"opacity": "opacity=${0.2 + i / 100}", "class toggle": "hidden=${i}"}
    for name, act in FRAME_ACTS.items():
        times = _frame_times(page, act)
        peer = None
        if name in changes:
            href = f"?way=overlays&{changes[name]}"
            peer = median(_overlay_times(images, href, 3))
        note = f"{_tail(times)}; no rerun of the script"
        yield _timing(f"a frame: {name}, 1280×960, 3 layers", median(times), peer, FRAME, note)
    if page.get_by_text("runs of the script").inner_text() != before:
        raise RuntimeError("the script was run again while frames were timed")


def _largest_class(browser: Any, plain: str) -> Iterator[Timing]:
    for place, query in COVERED.items():
        page = _opened(browser, plain + query)
        page.locator("[data-ready]").wait_for(state="attached")
        times = _frame_times(page, LARGEST_CLASS)
        work = f"a frame: toggle of a class on {place}, 3 layers"
        yield _timing(work, median(times), None, FRAME, _tail(times))
        page.close()


def _frame_times(page: Any, act: str) -> list[float]:
    """Seconds of the frames after the first few, in which `act(i)` happens."""
    script = f"async (count) => {{ const act = {act}; const times = [];"
    script += " for (let i = 0; i < count; i++) times.push(await frameWork(() => act(i)));"
    return [each / 1000 for each in page.evaluate(f"{script} return times; }}", FRAMES)][3:]


def _tail(times: list[float]) -> str:
    return f"95 % within {1000 * quantiles(times, n=20)[-1]:.1f} ms"


def _next_image(browser: Any, plain: str, product: str) -> Timing:
    page = _opened(browser, f"{product}/Failures?by=pixels")
    page.locator(".cell a").first.click()
    times = []
    for _ in range(TURNS):
        page.locator("[data-ready]").wait_for(state="attached")
        page.wait_for_timeout(1500)  # a look at the image, as long as the next one takes to come
        times.append(
            page.evaluate(
                "() => { const host = document.querySelector('[data-ready]');"
                " const was = host.dataset.ready;"
                " return untilShown(() => dispatchEvent(new KeyboardEvent('keydown', {key: 'n'})),"
                " () => host.dataset.ready !== was); }"
            )
            / 1000
        )
    images = _opened(browser, f"{plain}?way=next&image=0")
    peer = median(_overlay_times(images, "?way=next&image=${i + 1}", 3))
    note = _tail(times)
    work = "the next image, from key to pixels, 640×480, 3 layers"
    return _timing(work, median(times), peer, NEXT, note)


def _thumbnails(browser: Any, plain: str, product: str) -> Timing:
    page, received = browser.new_page(), []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda f: received.append(f)))
    _open(page, f"{product}/Failures?by=pixels&per=48")
    page.locator("[data-shown]:not([data-shown='0'])").wait_for(state="attached")
    times, sizes = [], []
    for turn in range(TURNS):
        page.wait_for_timeout(500)
        received.clear()
        times.append(
            page.evaluate(
                "(page) => { const first = () => find('.caption')?.textContent;"
                " const was = first(), host = document.querySelector('[data-shown]');"
                " return untilShown(() => goTo(`?by=pixels&per=48&p=${page}`),"
                " () => first() !== was && Number(host.dataset.shown) >= 18); }",
                2 - turn % 2,
            )
            / 1000
        )
        sizes.append(sum(len(frame) for frame in received))
    images = _opened(browser, f"{plain}?way=thumbnails&page=0")
    peer = median(_overlay_times(images, "?way=thumbnails&page=${(i + 1) % 2}", 48))
    size = max(sizes)
    if size > PAGE_BYTES:
        raise RuntimeError(f"a page of 48 thumbnails takes {size:,} bytes")
    note = f"first visit {times[0]:.2f} s; {size / 1e6:.2f} MB, of {PAGE_BYTES / 1e6} at most"
    return _timing("a page of 48 thumbnails with 3 layers", median(times), peer, PAGE, note)


def _overlay_times(page: Any, href: str, count: int) -> list[float]:
    """Seconds until new pictures are here, for addresses in which `i` counts."""
    script = "async ([turns, count]) => { const times = []; for (let i = 0; i < turns; i++) {"
    script += f" times.push(await untilShown(() => goTo(`{href}`), newPictures(count)));"
    script += " await new Promise((done) => setTimeout(done, 300)); } return times; }"
    page.locator("[data-testid=stImage] img").nth(count - 1).wait_for()
    return [each / 1000 for each in page.evaluate(script, [TURNS // 2, count])]


def _timing(work: str, seconds: float, peer: float | None, limit: float, note: str) -> Timing:
    name = f"st.image, streamlit {version('streamlit')}" if peer else ""
    return Timing(work, name, seconds, peer, limit=limit, note=note)


def _opened(browser: Any, address: str) -> Any:
    return _open(browser.new_page(), address)


def _open(page: Any, address: str) -> Any:
    page.set_viewport_size({"width": 1400, "height": 1000})
    page.set_default_timeout(60_000)
    page.add_init_script(path=PROBE)
    page.goto(address)
    return page


@contextmanager
def _browser(program: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def _served(script: Path, environment: dict[str, str]) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    given = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=ROOT, env=given, stdout=quiet, stderr=quiet)
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)
