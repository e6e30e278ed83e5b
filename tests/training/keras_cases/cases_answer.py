"""Single images answered by TensorFlow's systems, as `training predict` answers them."""

from __future__ import annotations

from core.datasets.single import make_single
from tests.training.answering_scene import assert_answers_are_those_of_predict, make_store


def test_answers_are_those_of_predict(tmp_path):
    store = make_store(tmp_path, "demo-digits", make_single)
    assert_answers_are_those_of_predict(store, "vgg19-digits", "demo-digits")
    # it knows the shapes and three of the digits; here only the digits are asked for
    assert_answers_are_those_of_predict(store, "unet-two-heads", "demo-digits")
