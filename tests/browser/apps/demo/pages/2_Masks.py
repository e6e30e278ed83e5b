"""The viewer over a made-up image; ?photograph=no leaves the photograph out."""

from pages.ui.shell import shell
from scene import DEMO

shell(DEMO)

import scene
import streamlit as st

from pages.ui.payload import pack_view
from pages.ui.viewer import viewer

asked = st.query_params
st.title(f"Image {asked.get('image', '')}")
photograph = scene.photograph() if asked.get("photograph") != "no" else b"no photograph"
layers = scene.layers()
viewer(pack_view(photograph, scene.WIDTH, scene.HEIGHT, scene.CLASSES, layers), key="viewer")
