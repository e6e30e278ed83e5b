"""A store with a small data set, weights, and the command line with the fake system; one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.store.connection import Store
from tests.training import fake
from tests.training.school import School
from training import systems
from training.__main__ import main

ANSWERS = (
    "SELECT image.path, seconds IS NOT NULL FROM prediction_image JOIN image USING (image_id) "
    "WHERE run_id = $run ORDER BY image_id",
    "SELECT image_id, object_index, class, score, x, y, width, height, area, mask "
    "FROM prediction_object WHERE run_id = $run ORDER BY ALL",
    "SELECT image_id, probabilities FROM prediction_label WHERE run_id = $run ORDER BY image_id",
    "SELECT image_id, geometry, object_index, hits, ignored FROM match "
    "WHERE run_id = $run ORDER BY ALL",
)


@dataclass(frozen=True)
class Bench:
    """Where a test works."""

    store: Path
    images: Path
    weights: Path

    def arguments(self, *more: object) -> list[str]:
        return [
            *("predict", "fake", "--store", str(self.store), "--dataset", "noise"),
            *("--weights", str(self.weights), "--trust-weights", *map(str, more)),
        ]

    def predict(self, *more: object) -> int:
        return main(self.arguments(*more))

    def ask(self, question: str, run: str = "fake-noise-val") -> list[tuple]:
        with Store.at(self.store).read() as cursor:
            found = cursor.execute("SELECT run_id FROM run WHERE name = ?", [run]).fetchone()
            named = {"run": found[0]} if found and "$run" in question else None
            return cursor.execute(question, named).fetchall()

    def answers(self, run: str = "fake-noise-val") -> list[list[tuple]]:
        """Return all that a run says, but for its times."""
        return [self.ask(question, run) for question in ANSWERS]

    def status(self, run: str = "fake-noise-val") -> str:
        return self.ask("SELECT status FROM run WHERE run_id = $run", run)[0][0]

    def spool(self, run: str = "fake-noise-val") -> Path:
        return self.store.parent / "spool" / run


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Sums depend on the number of threads; of the module, so that its trainings have it too."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def make_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Bench]:
    monkeypatch.setitem(systems.SYSTEMS, "fake", "tests.training.fake:FakeSystem")
    monkeypatch.setenv("OVERLOOK_WEIGHTS", str(tmp_path / "no weights here"))
    monkeypatch.delenv("EVALUATION_STORE", raising=False)

    def make(count: int) -> Bench:
        store = tmp_path / "store" / "evaluation.duckdb"
        weights = tmp_path / "fake.bin"
        weights.write_bytes(b"weights")
        return Bench(store, fake.make_dataset(store, tmp_path / "images", count), weights)

    return make


@pytest.fixture
def bench(make_bench: Callable[[int], Bench]) -> Bench:
    return make_bench(10)


@pytest.fixture
def school(tmp_path, monkeypatch) -> School:
    monkeypatch.setitem(systems.SYSTEMS, "learner", "tests.training.learner:Learner")
    store = tmp_path / "store" / "evaluation.duckdb"
    fake.make_dataset(store, tmp_path / "train", 20, "train")
    fake.make_dataset(store, tmp_path / "val", 4, "val")
    (tmp_path / "out").mkdir()
    return School(store, tmp_path / "out" / "w.bin")
