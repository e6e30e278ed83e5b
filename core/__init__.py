"""Exact evaluation: structures, readers, metrics, the store. No framework, no Streamlit."""

from core.compiled_code import keep_compiled_code

__version__ = "0.1.0"

keep_compiled_code()
