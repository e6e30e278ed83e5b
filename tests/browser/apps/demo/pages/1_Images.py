"""Pages of images over made-up lists."""

import scene
import streamlit as st
from scene import DEMO

from pages.ui import selection
from pages.ui.gallery import gallery
from pages.ui.links import link
from pages.ui.payload import GalleryItem, pack_gallery
from pages.ui.shell import shell

shell(DEMO)


st.title("Images")
chosen = selection.current()
st.text(
    f"chosen: {chosen.dataset} / {chosen.split} / {', '.join(chosen.runs)} / {chosen.class_name}"
)
st.slider("Below", 0, 100, 50, key="below", bind="query-params")
page = st.pagination(3, key="p", bind="query-params")
cells = [
    GalleryItem(
        id=str(number),
        href=link("Masks", image=number),
        caption=f"image {number} {scene.HOSTILE}" if number % 2 else f"image {number}",
        badges=[f"IoU {number / 100:.2f}", "worst"],
        thumbnail=None if number % 24 == 3 else scene.photograph(),
        width=scene.WIDTH,
        height=scene.HEIGHT,
        layers=scene.layers(),
    )
    for number in range((page - 1) * 24, page * 24)
]
selected = gallery(pack_gallery(cells, scene.CLASSES), key="images", height=600)
st.text(f"selected: {', '.join(selected)}")
