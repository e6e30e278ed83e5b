"""A DataFrame in, a figure out."""
