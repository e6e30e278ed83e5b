"""Only pages that were asked for by this machine's own names, or given ones, may speak with us.

A site that has its name lead to 127.0.0.1 once its page is loaded (DNS rebinding) is of one origin
with the dashboard, so that its name alone tells it from a visitor.
"""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import APPS

ASKED = (
    "GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: c2l4dGVlbiBieXRlcyBoZQ==\r\n\r\n"
)


def answered(address: str, name: str) -> int:
    """The status of a websocket's handshake under a name with the server's port."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        connection.sendall(ASKED.format(host=f"{name}:{place.port}").encode())
        return int(connection.recv(64).split()[1])


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("127.0.0.1", 101),
        ("localhost", 101),
        ("[::1]", 101),
        ("attacker.example", 403),
        ("127.0.0.1.attacker.example", 403),
        ("192.0.2.7", 403),
    ],
)
def test_a_foreign_name_gets_nothing(demo, name, status):
    assert answered(demo, name) == status


def test_a_name_that_is_given_is_let_in(serve):
    options = (
        "--server.allowedHosts",
        "overlook.example.org",
        "--server.allowedHosts",
        "127.0.0.1",
    )
    address = serve(APPS / "demo" / "Home.py", None, "", *options)
    assert answered(address, "overlook.example.org") == 101
    assert answered(address, "localhost") == 403
