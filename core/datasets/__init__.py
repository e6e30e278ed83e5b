"""Data sets that Overlook makes itself, from what its requirements bring along."""
