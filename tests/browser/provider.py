"""A small OpenID Connect provider on 127.0.0.1: discovery, authorization code with PKCE, keys."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "overlook", "made up"


class Provider:
    """Knows one account, and lets it in without asking; runs while it is entered.

    Attributes:
        account: claims of the account, as the identity token has them.
        url: where it is.
        key: that signs the tokens; another one than is published makes forgeries.
        refuses: tells the dashboard that the account said no.
    """

    def __init__(self, **account: object) -> None:
        """Take the claims of the account."""
        self.account = account
        self.refuses = False
        self.published = self.key = RSAKey.generate_key(2048, {"kid": "1"})
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._answers())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Provider:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def metadata(self) -> dict[str, object]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorized(self, asked: dict[str, str]) -> str:
        """Return where the browser is sent to, with a code that is good once."""
        if self.refuses:
            answer = {"error": "access_denied", "state": asked["state"]}
        else:
            code = secrets.token_urlsafe()
            self._codes[code] = asked
            answer = {"code": code, "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def tokens(self, asked: dict[str, str]) -> dict[str, object] | None:
        """Return the signed identity of who came with a code, or None if all is not in order."""
        given = self._codes.pop(asked.get("code", ""), None)
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if given is None or given.get("code_challenge") != challenge:
            return None
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 600,
            "sub": "1",
            "nonce": given["nonce"],
        } | self.account
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"id_token": signed, "access_token": "a", "token_type": "Bearer", "expires_in": 600}

    def _answers(provider) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the answer's
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path)
                if path.path == "/.well-known/openid-configuration":
                    self.tell(provider.metadata())
                elif path.path == "/jwks":
                    self.tell({"keys": [provider.published.as_dict(private=False)]})
                else:
                    self.send_response(302)
                    self.send_header("Location", provider.authorized(single(path.query)))
                    self.end_headers()

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                found = provider.tokens(single(self.rfile.read(length).decode()))
                self.tell(found or {"error": "invalid_grant"}, 200 if found else 400)

            def tell(self, content: dict[str, Any], status: int = 200) -> None:
                written = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(written)))
                self.end_headers()
                self.wfile.write(written)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Answer


def single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
