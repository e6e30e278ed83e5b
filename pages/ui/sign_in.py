"""The gate of a server that asks who is there: Streamlit's own sign-in by OpenID Connect.

It stands on every page, however it was reached, if and only if the server's secrets have a section
`[auth]`. Whatever is wrong with them closes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import streamlit as st

from pages.ui.language import say

AUTH, ALLOW = "auth", "allow"


def gate() -> None:
    """End the page unless nobody need sign in, or somebody who may has."""
    try:
        if AUTH not in st.secrets:
            return
        auth, allow = st.secrets[AUTH], st.secrets.get(ALLOW)
    except FileNotFoundError:  # Streamlit's error of a missing file, and of one it cannot read
        if not any(Path(file).exists() for file in st.get_option("secrets.files")):
            return
        _closed(say("The secrets of this server cannot be read, so nobody can be let in."))
    if not st.user.get("is_logged_in", False):
        _ask_in(auth)
    if allow is not None and not _allowed(allow):
        st.button(say("Sign out"), on_click=st.logout)
        _closed(say("This account is not on the list of those who may see this dashboard."))
    st.sidebar.button(say("Sign out"), on_click=st.logout, help=_name())


def _ask_in(auth: Mapping[str, object]) -> NoReturn:
    if find_spec("authlib") is None:
        _closed(say("Sign-in needs the package Authlib: pip install 'streamlit[auth]'"))
    named = [name for name, section in auth.items() if isinstance(section, Mapping)]
    for name in named:
        st.button(say("Sign in with {name}", name=name), on_click=st.login, args=(name,))
    if not named:
        st.button(say("Sign in"), on_click=st.login, type="primary")
    _closed(say("Sign in to see this dashboard."))


def _allowed(allow: object) -> bool:
    """Tell whether the account's address is listed, by itself or by its domain."""
    address = _name()
    if not isinstance(allow, Mapping) or not address or st.user.get("email_verified") is False:
        return False
    emails = {str(each).casefold() for each in allow.get("emails", ())}
    domains = {str(each).casefold() for each in allow.get("domains", ())}
    return address in emails or address.rpartition("@")[2] in domains


def _name() -> str:
    return str(st.user.get("email") or "").casefold()


def _closed(why: str) -> NoReturn:
    st.info(why, icon=":material/lock:")
    st.stop()
