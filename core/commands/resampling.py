"""The options that say how much is drawn, and the drawing itself with its progress."""

from __future__ import annotations

import argparse

from tqdm import tqdm

from core.errors import UsageError
from core.scoring import MOST_RESAMPLES, Trial

STEP = 100


def add_resampling_options(parser: argparse.ArgumentParser) -> None:
    """Add `--resamples` and `--seed`."""
    parser.add_argument(
        "--resamples",
        type=int,
        metavar="N",
        help="how often the images are drawn anew; 0 leaves intervals and p out (default: 2,000, "
        "and with many classes as many as the smallest p needs)",
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of what is drawn (default: 0)"
    )


def check_resampling(options: argparse.Namespace) -> None:
    """Refuse numbers that mean nothing.

    Raises:
        UsageError: a number is negative or too large.
    """
    if options.resamples is not None and not 0 <= options.resamples <= MOST_RESAMPLES:
        raise UsageError(
            f"--resamples is {options.resamples}; expected a number from 0 to {MOST_RESAMPLES:,}."
        )
    if options.seed < 0:
        raise UsageError(f"--seed is {options.seed}; expected 0 or a larger number.")


def resampled(trial: Trial, options: argparse.Namespace) -> Trial:
    """Return the trial with as many resamples as the options ask for."""
    wanted = trial.enough if options.resamples is None else options.resamples
    title = f"drawing images, {trial.metric}"
    with tqdm(total=wanted, desc=title, unit="resample", disable=None, leave=False) as bar:
        for reached in [*range(STEP, wanted, STEP), wanted]:
            trial = trial.extended(reached)
            bar.update(reached - bar.n)
    return trial
