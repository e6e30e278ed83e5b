"""The script of the app that is timed: the viewer, or the same views as overlays in `st.image`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import cv2
import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages.ui.layers import Layer
from pages.ui.palette import class_colours
from pages.ui.payload import pack_view
from pages.ui.viewer import viewer
from tests.benchmarks import browser_scene
from tests.benchmarks.browser_scene import CLASSES, RUNS

LAYERS = ("truth", *RUNS)
COLOURS = class_colours(len(CLASSES))
asked = st.query_params
way = asked.get("way", "viewer")


@st.cache_data
def large(size: tuple[int, int], maps: str) -> tuple[bytes, list[np.ndarray]]:
    drawn = getattr(browser_scene, maps)
    photograph = browser_scene.photograph(0, size)
    return photograph, [drawn(seed, size) for seed in range(len(LAYERS))]


@st.cache_data
def stored(index: int) -> tuple[bytes, list[np.ndarray]]:
    folder = Path(os.environ["OVERLOOK_SCENE"])
    maps = [cv2.imread(str(folder / name / f"{index:03d}.png"), -1) for name in LAYERS]
    return (folder / "images" / f"{index:03d}.jpg").read_bytes(), maps


def overlay(pixels: np.ndarray, labels: np.ndarray, opacity: float, hidden: int) -> np.ndarray:
    """The photograph with the classes painted over it, as one would write it with NumPy."""
    palette = np.zeros((256, 3), np.uint8)
    shown = np.zeros(256, bool)
    for index, colour in enumerate(COLOURS):
        palette[index] = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        shown[index] = index != hidden
    blended = (pixels * (1 - opacity) + palette[labels] * opacity).astype(np.uint8)
    return np.where(shown[labels][:, :, None], blended, pixels)


def decoded(file: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]


def show_overlays(file: bytes, maps: list[np.ndarray]) -> None:
    opacity, hidden = float(asked.get("opacity", 0.5)), int(asked.get("hidden", -1))
    for column, name, labels in zip(st.columns(len(maps)), LAYERS, maps, strict=True):
        column.image(overlay(decoded(file), labels, opacity, hidden), caption=name)


def show_thumbnails(page: int) -> None:
    columns = st.columns(6)
    for place in range(48):
        file, maps = stored(page * 48 + place)
        painted = overlay(decoded(file), maps[1], 0.5, -1)
        small = cv2.resize(painted, (240, 180), interpolation=cv2.INTER_AREA)
        columns[place % 6].image(small, caption=f"image {place}")


st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.set_page_config(layout="wide")
st.text(f"runs of the script: {st.session_state['runs']}")
size = getattr(browser_scene, asked.get("size", "LARGE"))
if way == "viewer":
    file, maps = large(size, asked.get("maps", "label_map"))
    named = [
        Layer(name, colour, labels)
        for name, colour, labels in zip(LAYERS, COLOURS, maps, strict=False)
    ]
    classes = list(zip(range(len(CLASSES)), CLASSES, COLOURS, strict=True))
    viewer(pack_view(file, size[1], size[0], classes, named), key="viewer", height=900)
elif way == "overlays":
    show_overlays(*large(size, "label_map"))
elif way == "next":
    show_overlays(*stored(int(asked["image"])))
else:
    show_thumbnails(int(asked["page"]))
