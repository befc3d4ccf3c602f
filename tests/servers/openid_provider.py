"""A small OpenID provider on this machine, which can also misbehave.

It does what OpenID Connect Core 1.0 asks of a provider in the authorization code flow: a code is redeemed once, by the
client that has the secret, for the address it was given to, by whoever knows the verifier. `fault` makes one answer
bad.
"""

import base64
import hashlib
import hmac
import json
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PAGE = '<!doctype html><title>Campus</title><link rel="icon" href="data:,"><a href="{here}">Log in as Amira</a>'
CLIENT_ID, CLIENT_SECRET = "lumina learn", "s3cret +/:% of the client"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


KEY, STRANGE_KEY = new_key(), new_key()


@dataclass
class Asked:
    """What a code stands for."""

    redirect_uri: str
    nonce: str
    challenge: str


@dataclass
class OpenIdProvider:
    """A provider that answers, whom it vouches for, and what is wrong with it.

    Attributes:
        claims: what the ID token says besides what each token says.
        fault: the name of one thing that is wrong, empty for none; the words stand where they are asked for.
        asks_first: shows a page with a button before it sends the browser back.
        requests: the paths that were asked for.
    """

    issuer: str
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "subject-1", "student_number": "AMIRA"})
    fault: str = ""
    asks_first: bool = False
    takes_basic: bool = True
    key_id: str = "key-1"
    requests: list[str] = field(default_factory=list)
    codes: dict[str, Asked] = field(default_factory=dict)
    defects: list[str] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def discovery(self) -> dict[str, Any]:
        methods = "client_secret_basic" if self.takes_basic else "client_secret_post"
        return {
            "issuer": "https://other.example" if self.fault == "issuer of discovery" else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?campus=1",
            "token_endpoint": "http://127.0.0.2:9/token" if self.fault == "clear line" else f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "token_endpoint_auth_methods_supported": [methods],
            "authorization_response_iss_parameter_supported": True,
        }

    def keys(self) -> dict[str, Any]:
        key = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": self.key_id, "use": "sig", "alg": "RS256"}]}

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the browser goes with the answer."""
        assert (query["response_type"], query["client_id"], query["campus"]) == ("code", CLIENT_ID, "1")
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = Asked(query["redirect_uri"], query["nonce"], query["code_challenge"])
        answer = {"code": code, "state": query["state"], "iss": self.issuer}
        if self.fault.startswith("error="):
            answer = {"error": self.fault.removeprefix("error="), "state": query["state"], "iss": self.issuer}
        if self.fault == "issuer of answer":
            answer["iss"] = "https://other.example"
        if self.fault == "no issuer in answer":
            del answer["iss"]
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Return status and answer to a code."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = _base64(digest)
        if self._client(form, authorization) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        if asked is None or (form.get("redirect_uri"), challenge) != (asked.redirect_uri, asked.challenge):
            return 400, {"error": "invalid_grant"}
        if self.fault == "token error":
            return 400, {"error": "invalid_grant"}
        if self.fault == "no token":
            return 200, {"access_token": "x", "token_type": "Bearer"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.token(asked.nonce)}

    def _client(self, form: dict[str, str], authorization: str) -> tuple[str, str]:
        if not self.takes_basic:
            return form.get("client_id", ""), form.get("client_secret", "")
        name, _colon, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        return unquote_plus(name), unquote_plus(secret)

    def token(self, nonce: str) -> str:
        """Return an ID token, with whatever is wrong."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce, **self.claims}
        wrong: dict[str, dict[str, Any]] = {
            "nonce": {"nonce": "another"},
            "audience": {"aud": "another client"},
            "party": {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
            "no party": {"aud": [CLIENT_ID, "another client"]},
            "issuer": {"iss": "https://other.example"},
            "expired": {"iat": now - 900, "exp": now - 300},
            "from the future": {"iat": now + 900, "exp": now + 1800},
        }
        claims |= wrong.get(self.fault, {})
        if self.fault.startswith("without "):
            del claims[self.fault.removeprefix("without ")]
        header = {"kid": self.key_id}
        match self.fault:
            case "unsigned":
                return jwt.encode(claims, None, algorithm="none", headers=header)
            case "signed with the public key":
                return self._signed_with_public_key(claims)
            case "unknown key":
                return jwt.encode(claims, STRANGE_KEY, algorithm="RS256", headers={"kid": "key-9"})
            case "strange signature":
                return jwt.encode(claims, STRANGE_KEY, algorithm="RS256", headers=header)
            case "other algorithm":
                return jwt.encode(claims, KEY, algorithm="PS256", headers=header)
            case "garbage":
                return "not.a.token"
        return jwt.encode(claims, KEY, algorithm="RS256", headers=header)

    def _signed_with_public_key(self, claims: dict[str, Any]) -> str:
        """Return a token whose secret is the published key, as an attacker would sign it; no library does."""
        published = KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        header = {"alg": "HS256", "kid": self.key_id}
        signed = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{_base64(hmac.digest(published, signed.encode(), 'sha256'))}"


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the provider of its server."""

    server: "_Server"

    def do_GET(self) -> None:
        provider, parts = self.server.provider, urlsplit(self.path)
        provider.requests.append(parts.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if self._misbehaved(parts.path):
            return
        match parts.path:
            case "/.well-known/openid-configuration":
                self._json(200, provider.discovery())
            case "/jwks":
                self._json(200, provider.keys())
            case "/authorize" if provider.asks_first and "yes" not in query:
                self._answer(200, "text/html", PAGE.format(here=escape(f"{self.path}&yes=1")).encode())
            case "/authorize":
                self._answer(302, "text/plain", b"", Location=provider.authorize(query))
            case _:
                self._answer(404, "text/plain", b"")

    def do_POST(self) -> None:
        provider = self.server.provider
        provider.requests.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._misbehaved(self.path):
            return
        form = {name: values[0] for name, values in parse_qs(body).items()}
        status, answer = provider.redeem(form, self.headers.get("Authorization", ""))
        self._json(status, answer)

    def _misbehaved(self, path: str) -> bool:
        """Answer badly where the fault says so: `hang /token`, `html /jwks`, and so on."""
        kind, _space, where = self.server.provider.fault.partition(" ")
        if where != path and not (where == "/discovery" and path.startswith("/.well-known/")):
            return False
        match kind:
            case "hang":
                self.server.provider.let_go.wait(30)
            case "drip":
                self.send_response(200)
                self.end_headers()
                while not self.server.provider.let_go.wait(0.05):
                    self.wfile.write(b" ")
            case "html":
                self._answer(200, "text/html", b"<h1>It works!</h1>")
            case "list":
                self._json(200, [])
            case "huge":
                self._answer(200, "application/json", b'{"keys": "' + b"x" * 300_000 + b'"}')
            case "moved":
                self._answer(302, "text/plain", b"", Location="http://localhost:9/elsewhere")
            case "broken":
                self._json(500, {"error": "server_error"})
            case _:
                return False
        return True

    def _json(self, status: int, document: object) -> None:
        self._answer(status, "application/json", json.dumps(document).encode())

    def _answer(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    provider: OpenIdProvider

    def handle_error(self, *_arguments: object) -> None:
        """Stay silent when a client hangs up on an answer that is too long or too late; nothing else goes wrong."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            self.provider.defects.append(repr(error))


@contextmanager
def running_provider() -> Iterator[OpenIdProvider]:
    """Run a provider for as long as the block lasts."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.provider = OpenIdProvider(issuer=f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.provider
        finally:
            server.provider.let_go.set()
            server.shutdown()
            thread.join()
        assert server.provider.defects == []
