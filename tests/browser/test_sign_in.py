"""Sign-in at a real provider of OpenID Connect: before it and after sign-out nothing is shown.

What a page shows comes over its websocket, so that is listened to as well as the page.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from joserfc.jwk import RSAKey
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from core.store.connection import Store
from core.store.queries import catalogue
from pages.ui import shell
from tests.browser.provider import CLIENT, SECRET, Provider
from tests.pages.made_up import full_store

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["", *(path.stem.split("_", 1)[1] for path in shell.page_files())]
CLOSED = "Sign in to see this dashboard."
NOT_LISTED = "This account is not on the list"
LEAST_LETTERS = 5  # shorter names may be parts of other words
COOKIE = "_streamlit_user"
ANN = {"email": "ann@lab.example", "email_verified": True, "name": "Ann"}


@pytest.fixture(scope="module")
def provider():
    with Provider(**ANN) as running:
        yield running


@pytest.fixture(autouse=True)
def as_it_was(provider):
    yield
    provider.account, provider.key, provider.refuses = ANN, provider.published, False


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return full_store(tmp_path_factory.mktemp("gated") / "store.duckdb")


@pytest.fixture(scope="module")
def private(store) -> list[bytes]:
    """What only those who are let in may read: names of data sets and runs."""
    with store.read() as cursor:
        runs = catalogue.runs(cursor)
    names = {str(each).encode() for each in (*runs["run"], *runs["dataset"])}
    chosen = sorted(name for name in names if len(name) >= LEAST_LETTERS)
    assert len(chosen) >= 3
    return chosen


@pytest.fixture(scope="module")
def app(serve, provider, store, tmp_path_factory) -> str:
    secrets = tmp_path_factory.mktemp("secrets") / "secrets.toml"
    secrets.write_text(
        f"""[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "a long random text that nobody knows"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"

[allow]
domains = ["lab.example"]
""",
        encoding="utf-8",
    )
    return serve(ROOT / "Home.py", store.path, "", f"--secrets.files={secrets}")


def seen(locator) -> None:
    expect(locator).to_be_visible(timeout=60_000)


class Visitor:
    """A page of a browser of its own, and all that came over its websockets."""

    def __init__(self, page, app: str) -> None:
        self.page, self.app, self.heard = page, app, []
        page.on("websocket", lambda socket: socket.on("framereceived", self.hear))
        page.set_default_timeout(60_000)

    def hear(self, content: bytes | str) -> None:
        self.heard.append(content)

    def open(self, address: str = "") -> None:
        self.heard.clear()
        self.page.goto(f"{self.app}/{address}")

    def sign_in(self) -> None:
        self.open()
        seen(self.page.get_by_text(CLOSED))
        self.heard.clear()
        self.page.get_by_role("button", name="Sign in").click()

    def wait_until_forgotten(self) -> None:
        """Wait for the browser to have left the page that takes the cookie back."""
        for _ in range(600):
            if not any(each["name"] == COOKIE for each in self.page.context.cookies()):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("the cookie of the session is still there")

    def knows(self, private: list[bytes]) -> list[bytes]:
        everything = b"".join(each for each in self.heard if isinstance(each, bytes))
        everything += self.page.inner_text("body").encode()
        return [each for each in private if each in everything]


@pytest.fixture
def visitor(new_page, app) -> Visitor:
    return Visitor(new_page(), app)


def test_who_signs_in_sees_the_dashboard_until_signing_out(visitor, private):
    visitor.sign_in()
    out = visitor.page.get_by_role("button", name="Sign out")
    seen(out)
    visitor.open("Compare_systems")
    seen(visitor.page.get_by_role("heading", name="Compare systems"))
    assert visitor.knows(private)
    visitor.heard.clear()
    out.click()
    seen(visitor.page.get_by_text(CLOSED))
    visitor.wait_until_forgotten()
    visitor.open("Compare_systems")
    seen(visitor.page.get_by_text(CLOSED))
    assert visitor.knows(private) == []


def test_another_browser_is_not_let_in_by_the_session_of_the_first(visitor, new_page, private):
    visitor.sign_in()
    seen(visitor.page.get_by_role("button", name="Sign out"))
    other = Visitor(new_page(), visitor.app)
    other.open("Compare_systems")
    seen(other.page.get_by_text(CLOSED))
    assert other.knows(private) == []


def test_an_account_that_is_not_listed_sees_nothing(visitor, provider, private):
    provider.account = {**ANN, "email": "eve@else.example"}
    visitor.sign_in()
    seen(visitor.page.get_by_text(NOT_LISTED))
    assert visitor.knows(private) == []


def forge(provider):
    provider.key = RSAKey.generate_key(2048, {"kid": "1"})


def expire(provider):
    provider.account = {**ANN, "exp": 1_000_000_000}


def for_another(provider):
    provider.account = {**ANN, "aud": "another client"}


def replay(provider):
    provider.account = {**ANN, "nonce": "of another sign-in"}


def refuse(provider):
    provider.refuses = True


@pytest.mark.parametrize("spoil", [forge, expire, for_another, replay, refuse])
def test_no_other_token_lets_anybody_in(visitor, provider, private, spoil):
    spoil(provider)
    visitor.sign_in()
    visitor.page.wait_for_url(f"{visitor.app}/")
    seen(visitor.page.get_by_text(CLOSED))
    assert visitor.knows(private) == []


def test_no_page_says_anything_over_the_websocket_without_a_session(app, private):
    assert len(PAGES) > 10
    for page in PAGES:
        told = answer(app, page)
        assert CLOSED.encode() in told, page
        assert [each for each in private if each in told] == [], page


@pytest.mark.parametrize("cookie", ["2|1:0|10:1|15:_streamlit_user|4:e30=|", "made up"])
def test_a_cookie_that_the_server_did_not_sign_is_worth_nothing(app, private, cookie):
    told = answer(app, "", {"Cookie": f"_streamlit_user={cookie}", "Origin": app})
    assert CLOSED.encode() in told
    assert [each for each in private if each in told] == []


def answer(app: str, page: str, headers: dict[str, str] | None = None) -> bytes:
    """Return all bytes of what the server says to a session that asks for a page."""
    stream = f"{app.replace('http', 'ws', 1)}/_stcore/stream"
    heard: list[bytes] = []
    with connect(stream, subprotocols=["streamlit"], additional_headers=headers) as socket:
        asked = BackMsg()
        asked.rerun_script.page_name = page
        socket.send(asked.SerializeToString())
        while not heard or ForwardMsg.FromString(heard[-1]).WhichOneof("type") != "script_finished":
            heard.append(socket.recv(timeout=60))
    return b"".join(heard)
