"""The benchmark table, `python -m core bench`. Nothing here is timed by the tests."""
