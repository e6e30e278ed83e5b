"""Benchmarks are no tests; pytest only reads the examples in their docstrings."""

collect_ignore = ["browser_app.py"]  # a script for the server
