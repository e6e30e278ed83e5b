"""Events are what TensorFlow itself reads, and their checksums those of the standard."""

from __future__ import annotations

import json
import struct
import subprocess
import sys

import pytest

from core.readers import crc32c
from training import event_file
from training.event_file import EventFile

READ = """
import json, sys
import tensorflow as tf
found = []
for record in tf.data.TFRecordDataset(sys.argv[1]).as_numpy_iterator():
    event = tf.compat.v1.Event.FromString(record)
    values = {each.tag: each.simple_value for each in event.summary.value}
    found.append([event.wall_time, event.step, event.file_version, values])
print(json.dumps(found))
"""


@pytest.mark.parametrize(
    ("content", "checksum"),
    # RFC 3720, B.4, and the check value of the CRC catalogue
    [(b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (bytes(range(32)), 0x46DD794E)],
)
def test_checksums_are_those_of_the_standard(content, checksum):
    rotated = (crc32c.masked_checksum(content) - crc32c.MASK_DELTA) & 0xFFFFFFFF
    assert (rotated << 15 | rotated >> 17) & 0xFFFFFFFF == checksum


def test_each_call_appends_one_whole_record(tmp_path):
    file = EventFile(tmp_path / "events")
    file.scalars(1, {"loss": 0.5})
    content, count = file.path.read_bytes(), 0
    while content:
        (length,) = struct.unpack_from("<Q", content)
        event = content[12 : 12 + length]
        assert content[8:12] == event_file._masked_checksum(content[:8])
        assert content[12 + length : 16 + length] == event_file._masked_checksum(event)
        content, count = content[16 + length :], count + 1
    assert count == 2
    assert file.path.name.startswith("events.out.tfevents.")


@pytest.mark.tensorflow
def test_tensorflow_reads_what_was_written(tmp_path):
    file = EventFile(tmp_path)
    file.scalars(1, {"loss": 0.1, "val_miou": 1.0})
    file.scalars(300, {"größe": -2.5e-7})
    done = subprocess.run(
        [sys.executable, "-c", READ, str(file.path)], capture_output=True, text=True, check=True
    )
    first, second, third = json.loads(done.stdout.splitlines()[-1])
    assert first[1:] == [0, "brain.Event:2", {}]
    assert second[1:] == [1, "", {"loss": pytest.approx(0.1), "val_miou": 1.0}]
    assert third[1:] == [300, "", {"größe": pytest.approx(-2.5e-7)}]
    assert 1.7e9 < first[0] <= second[0] <= third[0]
