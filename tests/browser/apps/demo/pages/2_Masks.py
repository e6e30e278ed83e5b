"""The viewer over a made-up image; ?photograph= no or turned."""

import scene
import streamlit as st
from scene import DEMO

from pages.ui.payload import pack_view
from pages.ui.shell import shell
from pages.ui.viewer import viewer

shell(DEMO)


asked = st.query_params
st.title(f"Image {asked.get('image', '')}")
photographs = {"no": lambda: b"no photograph", "turned": scene.turned_photograph}
photograph = photographs.get(asked.get("photograph"), scene.photograph)()
layers = scene.layers()
view = pack_view(
    photograph,
    scene.WIDTH,
    scene.HEIGHT,
    scene.CLASSES,
    layers,
    title="a/b",
    address="Masks?image=7",
)
_, selected = viewer(view, key="viewer")
st.text(f"selected: {selected and (selected.layer, selected.position)}")
st.session_state["runs of the script"] = st.session_state.get("runs of the script", 0) + 1
st.text(f"runs of the script: {st.session_state['runs of the script']}")
