"""Exact evaluation: structures, readers, metrics, the store. No framework, no Streamlit."""

__version__ = "0.1.0"
