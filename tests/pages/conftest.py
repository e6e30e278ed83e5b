"""Pages run without a browser, each on a store of its own kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.pages.made_up import confused_store, full_store, pets_store

ROOT = Path(__file__).resolve().parents[2]
Opened = Callable[..., AppTest]


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return full_store(tmp_path_factory.mktemp("full") / "store.duckdb").path


@pytest.fixture(scope="session")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pets_store(tmp_path_factory.mktemp("pets") / "store.duckdb").path


@pytest.fixture(scope="session")
def wrong(tmp_path_factory) -> Path:
    return confused_store(tmp_path_factory.mktemp("wrong") / "store.duckdb", 30)


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Return a function that runs a page on a store, with query parameters."""

    def opened(page: str, store: Path, **parameters: str | list[str]) -> AppTest:
        monkeypatch.setenv("EVALUATION_STORE", str(store))
        st.cache_data.clear()
        app = AppTest.from_file(str(ROOT / page), default_timeout=30)
        for name, value in parameters.items():
            app.query_params[name] = value
        return app.run()

    return opened
