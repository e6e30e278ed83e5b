"""An ensemble: stored predictions of other systems' runs, as one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import WorkFailedError
from core.fusion.combine import combine
from core.fusion.recipe import read_recipe
from core.structures import Prediction
from core.words import counted
from training.members import Answers, MemberRuns
from training.protocol import Outputs, WeightsNeed
from training.settings import require_range, setting

WEIGHTS = WeightsNeed("ensemble", "ensemble.json", ("ensemble.json",), "")


@dataclass(frozen=True)
class EnsembleSettings:
    """All that changes the predictions is in the recipe."""

    batch: int = setting(64, "images at a time")

    def __post_init__(self) -> None:
        """Refuse a batch out of range."""
        require_range("batch", self.batch, 1, 4096)


class EnsembleSystem:
    """Fuses objects and votes on label maps, by a recipe."""

    title = "Ensemble: runs of other systems fused into one, by a recipe fitted on another split"
    stages = ("ensemble",)
    packages = ("numpy", "numba")
    weights = (WEIGHTS,)
    settings_type = EnsembleSettings
    feed = MemberRuns
    fit_command = "training.ensemble_fit"
    device = "cpu"

    def __init__(
        self,
        settings: EnsembleSettings,  # noqa: ARG002 - as all systems
        weights: Mapping[str, Path],
        categories: Sequence[str],  # noqa: ARG002 - the feed has compared them
        device: str,  # noqa: ARG002 - sums need none
    ) -> None:
        """Read the recipe."""
        self._recipe = read_recipe(weights[WEIGHTS.stage])

    @property
    def outputs(self) -> Outputs:
        """Return what the recipe makes."""
        objects = self._recipe.objects
        return Outputs(
            boxes=objects is not None,
            masks=objects is not None and objects.masks,
            label_maps=self._recipe.maps is not None,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Return who the members are."""
        fitted = self._recipe.fitted
        names = ", ".join(member.run for member in self._recipe.members)
        images = counted(fitted.images, "image")
        return (f"Fitted on {images} of {fitted.dataset} · {fitted.split}: {names}.",)

    def predict(self, inputs: Sequence[Answers]) -> list[Prediction]:
        """Return one prediction for each image, of its members' answers."""
        return [combine(self._recipe, each.record, each.predictions) for each in inputs]

    @staticmethod
    def download(name: str, folder: Path) -> Path:  # noqa: ARG004 - as systems with a download
        """Say that there is nothing to download: recipes are fitted."""
        raise WorkFailedError(
            f"{name} is not published; it comes from `python -m training fit ensemble`"
        )
