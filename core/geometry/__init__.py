"""Boxes, run-length masks, polygons and label runs."""
