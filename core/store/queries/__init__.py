"""Every question that commands and pages ask, one typed function each.

SQL only filters, joins and sums counts; each formula exists once, in `core.metrics`.
All functions take a cursor from `Store.read()` first and return a DataFrame.
"""
