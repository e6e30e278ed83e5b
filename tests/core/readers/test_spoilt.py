"""Sound files of every format, spoilt at random: read, or refused in a paragraph; nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import readers
from core.errors import UsageError
from tests.fuzz.mutation import spoilt
from tests.fuzz.rule import bounded, check_paragraph, tried
from tests.fuzz.sample import Sample
from tests.fuzz.samples import SAMPLES

RANDOMLY = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_every_format_has_a_sample():
    wanted = {*readers.DATASET_FORMATS, *(f"run {form}" for form in readers.RUN_FORMATS)}
    assert {sample.form for sample in SAMPLES.values()} == wanted | OTHERS


# what is read without a line in the registries
OTHERS = {"submission", "recipe", "classes"}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_sound(name, tmp_path):
    SAMPLES[name].write(tmp_path)
    assert SAMPLES[name].read(tmp_path) == ()


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_spoilt_is_read_or_refused(name, tmp_path):
    sample = SAMPLES[name]
    sample.write(tmp_path)

    @RANDOMLY
    @given(st.data())
    def spoil(data):
        def pick(count: int) -> int:
            return data.draw(st.integers(0, count - 1))

        path = sample.spoilable[pick(len(sample.spoilable))]
        content = spoilt(sample.files[path], pick)
        with bounded():
            tried(sample, tmp_path, path, content)

    spoil()


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_something_else_altogether_is_read_or_refused(name, tmp_path):
    sample = SAMPLES[name]
    sample.write(tmp_path)
    for path in sample.spoilable:
        for content in (b"", b"\0" * 100, b"[" * 100_000, b"\xff\xfe{}", b"{}", b"[]"):
            with bounded():
                tried(sample, tmp_path, path, content)


@pytest.mark.parametrize("told", ["", "one\n\ntwo", "long " * 2000, "\x1b[31mred", "\u202etxt"])
def test_the_rule_sees_what_is_no_paragraph(told):
    with pytest.raises(AssertionError):
        check_paragraph(told)


@pytest.mark.parametrize("error", [IndexError, MemoryError, RecursionError, TypeError])
def test_the_rule_lets_no_other_error_pass(error, tmp_path):
    def careless(folder: Path) -> None:
        raise error

    sample = Sample("careless", "careless", {"a": b""}, careless, ("a",))
    with pytest.raises(error):
        tried(sample, tmp_path, "a", b"spoilt")


def test_a_message_cannot_steer_a_terminal():
    told = str(UsageError("the name is \x1b[31m\ud800\u202e, expected another\nwrite it again"))
    assert told == "the name is �[31m��, expected another\nwrite it again"
    check_paragraph(told)
