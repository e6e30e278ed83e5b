"""Where the secrets ask for sign-in, no page shows anything before it; else nothing is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.runtime.secrets import Secrets
from streamlit.testing.v1 import AppTest

from pages.ui import shell, sign_in

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["Home.py", *(f"pages/{path.name}" for path in shell.page_files())]
AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "made up",
    "client_id": "overlook",
    "client_secret": "made up",
    "server_metadata_url": "https://id.example/.well-known/openid-configuration",
}
ALLOW = {"emails": ["Ann@Example.org"], "domains": ["Lab.example"]}


@pytest.fixture
def visit(monkeypatch, full):
    """Return a function that opens a page of a full store with such secrets, as such a user."""
    monkeypatch.setenv("EVALUATION_STORE", str(full))
    monkeypatch.setattr(sign_in, "find_spec", lambda _name: object())

    def visited(page: str = "Home.py", user: dict | None = None, **secrets: object) -> AppTest:
        app = AppTest.from_file(str(ROOT / page), default_timeout=30)
        for name, section in secrets.items():
            app.secrets[name] = section
        if user is not None:
            app.user = user
        return app.run()

    return visited


def shown(app: AppTest) -> list[str]:
    """Everything but the sentence of the gate."""
    kinds = ("title", "markdown", "dataframe", "selectbox", "multiselect", "caption", "error")
    return [kind for kind in kinds if app.get(kind)]


def is_closed(app: AppTest, why: str) -> bool:
    assert not app.exception
    return shown(app) == [] and [each.value for each in app.info] == [why]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_anything_without_a_session(visit, page):
    app = visit(page, auth=AUTH)
    assert is_closed(app, "Sign in to see this dashboard.")
    assert [each.label for each in app.button] == ["Sign in"]


def test_nobody_is_asked_where_no_secrets_ask(visit):
    for secrets in ({}, {"allow": ALLOW}, {"other": {"key": "value"}}):
        app = visit(**secrets)
        assert shown(app)
        assert "Sign out" not in [each.label for each in app.button]


@pytest.mark.parametrize("user", [{}, {"is_logged_in": False}, {"email": "ann@example.org"}])
def test_who_is_not_signed_in_is_not_let_in_whatever_else_is_known(visit, user):
    assert is_closed(visit(user=user, auth=AUTH, allow=ALLOW), "Sign in to see this dashboard.")


def test_each_named_provider_has_its_button(visit):
    common = {key: AUTH[key] for key in ("redirect_uri", "cookie_secret")}
    own = {key: value for key, value in AUTH.items() if key not in common}
    app = visit(auth={**common, "google": own, "work": own})
    assert [each.label for each in app.button] == ["Sign in with google", "Sign in with work"]
    assert shown(app) == []


@pytest.mark.parametrize(
    ("email", "rest", "let_in"),
    [
        ("ann@example.org", {}, True),
        ("ANN@EXAMPLE.ORG", {"email_verified": True}, True),
        ("ann@example.org", {"email_verified": False}, False),
        ("bob@lab.example", {}, True),
        ("bob@evil-lab.example", {}, False),
        ("bob@lab.example@evil.example", {}, False),
        ("bob@example.org", {}, False),
        ("", {}, False),
        (None, {}, False),
    ],
)
def test_only_listed_accounts_are_let_in(visit, email, rest, let_in):
    user = {"is_logged_in": True, "email": email, **rest}
    app = visit(user=user, auth=AUTH, allow=ALLOW)
    why = "This account is not on the list of those who may see this dashboard."
    assert is_closed(app, why) is not let_in
    assert [each.label for each in app.button if each.label == "Sign out"] == ["Sign out"]


def test_any_account_of_the_provider_is_let_in_without_a_list(visit):
    app = visit(user={"is_logged_in": True, "email": "eve@else.example"}, auth=AUTH)
    assert shown(app)


@pytest.mark.parametrize("allow", [[], "ann@example.org", {}, {"emails": []}])
def test_a_list_that_names_nobody_lets_nobody_in(visit, allow):
    app = visit(user={"is_logged_in": True, "email": "ann@example.org"}, auth=AUTH, allow=allow)
    assert shown(app) == []


def test_without_the_package_nobody_is_let_in_and_it_is_said(visit, monkeypatch):
    monkeypatch.setattr(sign_in, "find_spec", lambda _name: None)
    why = "Sign-in needs the package Authlib: pip install 'streamlit[auth]'"
    assert is_closed(visit(auth=AUTH), why)


@pytest.mark.parametrize(("content", "closed"), [("[auth\nbroken", True), (None, False)])
def test_secrets_that_cannot_be_read_close_the_gate(visit, monkeypatch, tmp_path, content, closed):
    file = tmp_path / "secrets.toml"
    if content is not None:
        file.write_text(content)
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(file)])
    monkeypatch.setattr(st, "secrets", Secrets())
    try:
        app = visit()
    finally:
        config.set_option("secrets.files", before)
    why = "The secrets of this server cannot be read, so nobody can be let in."
    assert is_closed(app, why) is closed
