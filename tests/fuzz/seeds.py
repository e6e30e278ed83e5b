"""What the fuzzer reads, and the inputs that it begins with."""

from __future__ import annotations

from tests.fuzz.samples import SAMPLES

# The first byte of an input is the place of its reader in this list; after the last come bare
# run lengths: height, width, and compressed counts
READ = [sample for sample in SAMPLES.values() if sample.spoilable[0].endswith(".json")]


def seeds() -> dict[str, bytes]:
    """Return the inputs to begin with, by a name for each."""
    files = {
        sample.name: bytes([kind]) + sample.files[sample.spoilable[0]]
        for kind, sample in enumerate(READ)
    }
    counts = (b"\x0c\x100n0R5", b"\x04\x040@", b"\x01\x0101", b"\x14\x0cPP1o")
    return files | {f"counts {i}": bytes([len(READ)]) + each for i, each in enumerate(counts)}
