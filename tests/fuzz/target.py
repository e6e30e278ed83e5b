"""What the fuzzer runs: one input of one reader of JSON or run lengths, guided by its coverage.

The first byte of an input chooses the reader, the rest is the file. Run by `python -m tests.fuzz`.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import atheris

# Kernels are compiled by numba, which knows nothing of instrumented bytecode
KERNELS = [
    *("core.readers.kernels", "core.fusion.kernels"),
    *("core.geometry.kernels", "core.geometry.kernels_painting"),
]

with atheris.instrument_imports(include=["core.readers", "core.fusion.recipe"], exclude=KERNELS):
    from core.readers import DATASET_FORMATS, RUN_FORMATS, dataset_reader, run_reader

    for name in DATASET_FORMATS:
        dataset_reader(name)
    for name in RUN_FORMATS:
        run_reader(name)
    import_module("core.fusion.recipe")

from core.errors import UsageError  # noqa: E402 - after what is instrumented
from core.geometry import rle  # noqa: E402
from tests.fuzz.mutation import spoilt  # noqa: E402
from tests.fuzz.rule import check_paragraph, tried  # noqa: E402
from tests.fuzz.sample import Sample  # noqa: E402
from tests.fuzz.seeds import READ  # noqa: E402

OWN_SHARE = 0.5  # of mutations that know what a JSON file is


def target(folder: Path) -> Callable[[bytes], None]:
    """Return what reads an input in a folder of every sample; it raises what should not be."""
    for sample in READ:
        sample.write(folder / sample.name)

    def run(content: bytes) -> None:
        kind = content[0] % (len(READ) + 1) if content else len(READ)
        if kind == len(READ):
            read_counts(content[1:])
        else:
            read_file(READ[kind], folder, content[1:])

    return run


def read_file(sample: Sample, folder: Path, content: bytes) -> None:
    tried(sample, folder / sample.name, sample.spoilable[0], content)


def read_counts(content: bytes) -> None:
    """Take two bytes as height and width, and the rest as compressed run lengths."""
    if len(content) < 2:
        return
    height, width, counts = content[0], content[1], content[2:]
    try:
        mask = rle.from_counts(counts, height, width)
    except UsageError as error:
        check_paragraph(str(error))
        return
    pixels = rle.decode(mask)
    assert pixels.shape == (height, width)
    assert pixels.sum() == rle.area(mask)
    assert (rle.decode(rle.encode(pixels)) == pixels).all()


def mutated(content: bytes, most: int, seed: int) -> bytes:
    """Mutate an input by the fuzzer's ways or by our own."""
    chance = random.Random(seed)
    if not content or chance.random() > OWN_SHARE:
        return atheris.Mutate(content, most)
    return (content[:1] + spoilt(content[1:], chance.randrange))[:most]


def main() -> None:
    """Fuzz, with libFuzzer's own arguments."""
    folder = tempfile.TemporaryDirectory()
    run = target(Path(folder.name))
    atheris.Setup(sys.argv, run, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
