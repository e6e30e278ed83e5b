"""What a visitor sees: pixels of canvases, the readout, the address."""

from __future__ import annotations

import sys
from base64 import b64decode
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent / "apps" / "demo"))

import scene

# the colours at the centre of each of the image's pixels, as base64
SAMPLED = """(canvas, [width, height]) => {
  const scale = Math.min(canvas.width / width, canvas.height / height);
  const left = (canvas.width - width * scale) / 2, top = (canvas.height - height * scale) / 2;
  const shown = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const row = Math.floor(top + (y + 0.5) * scale);
      const column = Math.floor(left + (x + 0.5) * scale);
      const at = (row * canvas.width + column) * 4;
      text += String.fromCharCode(shown[at], shown[at + 1], shown[at + 2]);
    }
  }
  return btoa(text);
}"""


def colour(hex_colour: str) -> list[int]:
    return [int(hex_colour[i : i + 2], 16) for i in (1, 3, 5)]


def pixels(page, panel: int) -> np.ndarray:
    """The colours of one panel at the centre of each of the image's pixels, (H, W, 3)."""
    page.wait_for_timeout(80)  # a frame and its repaint
    text = page.locator("canvas").nth(panel).evaluate(SAMPLED, [scene.WIDTH, scene.HEIGHT])
    return np.frombuffer(b64decode(text), np.uint8).reshape(scene.HEIGHT, scene.WIDTH, 3)


def hover(
    page, x: int, y: int, panel: int = 0, size: tuple[int, int] = (scene.WIDTH, scene.HEIGHT)
) -> dict[str, list[str]]:
    """What the readout says, by layer, with the pointer at a pixel of an image of (W, H)."""
    box = page.locator(".panel canvas").nth(panel).bounding_box()
    scale = min(box["width"] / size[0], box["height"] / size[1])
    page.mouse.move(
        box["x"] + (box["width"] - size[0] * scale) / 2 + (x + 0.5) * scale,
        box["y"] + (box["height"] - size[1] * scale) / 2 + (y + 0.5) * scale,
    )
    expect(page.locator(".readout caption")).to_have_text(f"Column {x}, row {y}")
    rows = page.locator(".readout tbody tr").all()
    cells = [row.locator("th, td").all_inner_texts() for row in rows]
    return {name: [text.strip() for text in rest] for name, *rest in cells}


def set_range(page, selector: str, value: float) -> None:
    page.locator(selector).evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')) }", value
    )


def query(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def opened(page, address: str):
    page.goto(address)
    page.locator("[data-ready]").wait_for(state="attached")
    return page
