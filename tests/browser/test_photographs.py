"""The viewer on a real photograph says what the annotation file says."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from tests.browser.seen import hover

pytestmark = [pytest.mark.browser, pytest.mark.shared]


def rle(shape, image: dict) -> dict:
    encoded = coco_mask.frPyObjects(shape, image["height"], image["width"])
    return coco_mask.merge(encoded) if isinstance(encoded, list) else encoded


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools
def test_readout_agrees_with_the_annotations(demo, new_page, shared_data):
    truth = json.loads((shared_data / "coco_val2017" / "instances.json").read_text())
    image = next(each for each in truth["images"] if each["id"] == 139)
    names = {category["id"]: category["name"] for category in truth["categories"]}
    annotations = [each for each in truth["annotations"] if each["image_id"] == 139]
    masks = [coco_mask.decode(rle(each["segmentation"], image)) for each in annotations]
    page = new_page()
    page.goto(f"{demo}/Photographs")
    page.locator("[data-ready]").wait_for(state="attached")
    size = image["width"], image["height"]
    rng = np.random.default_rng(0)
    for chosen in (0, 5, 11, 19):
        y, x = rng.choice(np.argwhere(masks[chosen]))
        covering = [i for i, mask in enumerate(masks) if mask[y, x]]
        area = {i: annotations[i]["bbox"][2] * annotations[i]["bbox"][3] for i in covering}
        top = min(covering, key=area.get)
        label, read, *_ = hover(page, x, y, size=size)["annotation"]
        assert label == names[annotations[covering[-1]]["category_id"]]
        assert read.split(" and ")[0] == f"{names[annotations[top]['category_id']]} #{top}"
