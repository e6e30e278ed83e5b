"""Compiled loops (numba). Import them inside functions: importing numba takes half a second.

No kernel calls one of another file: numba notices that a cached function is out of date only by
the file it stands in, so a change in a file it calls into would go unseen.
"""
