"""The viewer over a made-up image; ?photograph= no or turned."""

from pages.ui.shell import shell
from scene import DEMO

shell(DEMO)

import scene
import streamlit as st

from pages.ui.payload import pack_view
from pages.ui.viewer import viewer

asked = st.query_params
st.title(f"Image {asked.get('image', '')}")
photographs = {"no": lambda: b"no photograph", "turned": scene.turned_photograph}
photograph = photographs.get(asked.get("photograph"), scene.photograph)()
layers = scene.layers()
viewer(pack_view(photograph, scene.WIDTH, scene.HEIGHT, scene.CLASSES, layers), key="viewer")
