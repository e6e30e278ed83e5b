"""How the learning rate goes through a training."""

from __future__ import annotations

import math

WARM_UP = 0.15  # share of the training in which the learning rate rises
FINAL_RATE = 0.01  # of the highest


def one_cycle(progress: float) -> float:
    """Return the learning rate, as a fraction of the highest, at a fraction of the training.

    It rises along a line, then falls along half a cosine (Smith and Topin 2018, simplified).
    """
    if progress < WARM_UP:
        return FINAL_RATE + (1 - FINAL_RATE) * progress / WARM_UP
    fallen = min((progress - WARM_UP) / (1 - WARM_UP), 1.0)
    return FINAL_RATE + (1 - FINAL_RATE) * (1 + math.cos(math.pi * fallen)) / 2
