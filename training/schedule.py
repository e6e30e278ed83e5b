"""How the learning rate goes through a training."""

from __future__ import annotations

import math

WARM_UP = 0.15  # share of the training in which the learning rate rises
FINAL_RATE = 0.01  # of the highest


def one_cycle(progress: float, warm_up: float = WARM_UP) -> float:
    """Return the learning rate, as a fraction of the highest, at a fraction of the training.

    It rises along a line, then falls along half a cosine (Smith and Topin 2018, simplified).

    Args:
        progress: 0 to 1.
        warm_up: share of the training in which it rises.
    """
    if progress < warm_up:
        return FINAL_RATE + (1 - FINAL_RATE) * progress / warm_up
    fallen = min((progress - warm_up) / (1 - warm_up), 1.0)
    return FINAL_RATE + (1 - FINAL_RATE) * (1 + math.cos(math.pi * fallen)) / 2


def cosine(highest: float, step: int, total: int, warm_up: int) -> float:
    """Return the learning rate at a step of the training.

    It falls along half a cosine from the start (Loshchilov and Hutter 2017), and is reduced over
    the first steps.

    Args:
        highest: of the training.
        step: taken so far.
        total: of the training.
        warm_up: steps over which it is reduced, in a long training; in a short one a tenth.
    """
    total = max(total, 1)
    falling = 0.5 * (1 + math.cos(math.pi * min(step / total, 1))) + FINAL_RATE
    return highest * falling * min(1, (step + 1) / min(warm_up, total // 10 + 1))
