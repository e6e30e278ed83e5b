"""Batch jobs: systems, prediction, training."""
