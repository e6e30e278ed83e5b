"""Compiled loops of the readers; imported where they run, since numba takes a while."""
