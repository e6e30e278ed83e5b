"""Messages over a pipe: whole, in order, and never waited for longer than was said."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

import pytest

from core.exchange import LENGTHS, MOST_BYTES, Message, receive, send


@pytest.fixture
def pipe():
    read, write = os.pipe()
    yield read, write
    for descriptor in (read, write):
        with suppress(OSError):  # where the test did
            os.close(descriptor)


def test_messages_larger_than_the_pipe_come_whole_and_in_order(pipe):
    read, write = pipe
    sent = [
        Message({"n": n, "é": [0.1, None]}, os.urandom(size))
        for n, size in enumerate((0, 1, 3_000_000))
    ]
    threading.Thread(target=lambda: [send(write, each) for each in sent]).start()
    assert [receive(read, time.monotonic() + 60) for _ in sent] == sent


def test_the_end_of_the_other_side_is_told(pipe):
    read, write = pipe
    os.write(write, LENGTHS.pack(10, 10) + b"{}")
    os.close(write)
    with pytest.raises(EOFError):
        receive(read)


def test_half_a_message_is_not_waited_for_beyond_the_deadline(pipe):
    read, write = pipe
    os.write(write, LENGTHS.pack(2, 5) + b"{}abc")
    with pytest.raises(TimeoutError):
        receive(read, time.monotonic())


@pytest.mark.parametrize(
    "sent",
    [LENGTHS.pack(MOST_BYTES, 1), LENGTHS.pack(2, 0) + b"[]", LENGTHS.pack(2, 0) + b"{x"],
    ids=["too large", "no object", "no JSON"],
)
def test_what_is_no_message_is_refused_before_it_is_read(pipe, sent):
    read, write = pipe
    os.write(write, sent)
    with pytest.raises(ValueError, match=r"expected at most|no object|Expecting"):
        receive(read, time.monotonic() + 60)


def test_nobody_reads(pipe):
    read, write = pipe
    os.close(read)
    with pytest.raises(BrokenPipeError):
        send(write, Message({}))
