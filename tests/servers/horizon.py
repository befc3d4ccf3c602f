"""A small Horizon on this machine, with a network of its own behind it, which can also misbehave.

It hands in what the network takes, and answers the same when it comes again. Answers have the shapes of
https://developers.stellar.org/docs/data/apis/horizon/api-reference.
"""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from stellar_sdk import TransactionEnvelope

from tests.servers.stellar_network import StubNetwork, told

ERRORS = "https://stellar.org/horizon-errors"


@dataclass
class Request:
    """What was asked, byte for byte."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class StubHorizon(StubNetwork):
    """A Horizon and its network.

    Attributes:
        address: where it listens.
        elder: the first ledger whose transactions it has kept.
        canned: status and answer for each request of a method, whatever it asks for.
        entered: set while a request is held up by a fault; `let_go` lets it go on.
    """

    address: str = ""
    elder: int = 1
    requests: list[Request] = field(default_factory=list)
    canned: dict[str, tuple[int, object]] = field(default_factory=dict)
    defects: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    entered: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def submissions(self) -> list[str]:
        """The envelopes that were handed in, in order, the same one as often as it came."""
        posted = [request for request in self.requests if request.method == "POST"]
        return [parse_qs(request.body.decode())["tx"][0] for request in posted]

    # --- Answers ------------------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> tuple[int, dict[str, Any]]:
        """Return status and answer to a request."""
        path = urlsplit(request.path).path
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        match request.method, path.strip("/").split("/"):
            case "GET", [""]:
                return 200, self._root()
            case "GET", ["accounts", account, "transactions"] if account in self.accounts:
                return 200, self._listed(account, query)
            case "GET", ["accounts", account] if account in self.accounts:
                return 200, self._account(account)
            case "GET", ["transactions", name] if name in self.transactions:
                return 200, self.transactions[name]
            case "POST", ["transactions"]:
                return self.answer_to(parse_qs(request.body.decode())["tx"][0])
        return 404, _problem("not_found", "Resource Missing", 404)

    def _root(self) -> dict[str, Any]:
        return {
            "horizon_version": "27.0.0",
            "core_version": "stellar-core 27.1.0",
            "ingest_latest_ledger": self.ledger,
            "history_latest_ledger": self.ledger,
            "history_latest_ledger_closed_at": told(self.now),
            "history_elder_ledger": self.elder,
            "core_latest_ledger": self.ledger,
            "network_passphrase": self.passphrase,
            "current_protocol_version": 27,
        }

    def _account(self, name: str) -> dict[str, Any]:
        account = self.accounts[name]
        balance = {"balance": f"{account.stroops / 10**7:.7f}", "asset_type": "native"}
        return {"id": name, "account_id": name, "sequence": str(account.sequence), "balances": [balance]}

    def _listed(self, account: str, query: dict[str, str]) -> dict[str, Any]:
        assert (query["order"], query["include_failed"]) == ("asc", "false")
        after, most = int(query.get("cursor") or 0), int(query["limit"])
        own = [each for each in self.transactions.values() if account in each["concerns"] and each["successful"]]
        kept = [each for each in own if each["ledger"] >= self.elder and int(each["paging_token"]) > after]
        return {"_embedded": {"records": kept[:most]}}

    def answer_to(self, text: str) -> tuple[int, dict[str, Any]]:
        with self.lock:
            envelope = TransactionEnvelope.from_xdr(text, self.passphrase)
            if self.fault == "rival":
                self.use_number(envelope.transaction.source.account_id)
            found = self.transactions.get(envelope.hash_hex())
            if found is None:
                code = self.refusal_of(envelope)
                if code:
                    return 400, _refused(code)
                found = self.take(envelope)
            if not found["successful"]:
                return 400, _refused("tx_failed", "op_low_reserve")
            return 200, found


def _problem(kind: str, title: str, status: int, **extras: Any) -> dict[str, Any]:
    return {"type": f"{ERRORS}/{kind}", "title": title, "status": status, "detail": "As it says.", "extras": extras}


def _refused(code: str, *operations: str) -> dict[str, Any]:
    codes: dict[str, Any] = {"transaction": code}
    if operations:
        codes["operations"] = list(operations)
    return _problem("transaction_failed", "Transaction Failed", 400, result_codes=codes, result_xdr="AAAA")


_ANSWERS: dict[str, tuple[int, object]] = {
    "throttled": (429, _problem("rate_limit_exceeded", "Rate Limit Exceeded", 429)),
    "behind": (503, _problem("stale_history", "Historical DB Is Too Stale", 503)),
    "proxy": (502, "<h1>Bad Gateway</h1>"),
    "website": (200, "<h1>It works!</h1>"),
    "moved": (404, _problem("gone", "Elsewhere", 404)),
}


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers["Content-Length"])))

    def _serve(self, body: bytes) -> None:
        horizon, request = self.server.horizon, Request(self.command, self.path, dict(self.headers), body)
        horizon.requests.append(request)
        submits = self.command == "POST"
        match horizon.fault:
            case "" if self.command in horizon.canned:
                self._say(*horizon.canned[self.command])
            case "down":
                self.close_connection = True
            case "hang":
                horizon.let_go.wait(60)
            case fault if fault in _ANSWERS:
                self._say(*_ANSWERS[fault])
            case "timeout" if submits:
                self._say(504, _problem("timeout", "Timeout", 504))
            case "timeout after taking" if submits:
                horizon.answer(request)
                self._say(504, _problem("timeout", "Timeout", 504))
            case "hang before taking" if submits:
                horizon.entered.set()
                horizon.let_go.wait(60)
            case "hang after taking" if submits:
                horizon.answer(request)
                horizon.entered.set()
                horizon.let_go.wait(60)
            case _:
                answer = horizon.answer(request)
                horizon.take_late()
                self._say(*answer)

    def _say(self, status: int, document: object) -> None:
        body = document.encode() if isinstance(document, str) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/hal+json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    horizon: StubHorizon

    def handle_error(self, *_arguments: object) -> None:
        """Keep what went wrong, clients aside that hang up or are killed."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            self.horizon.defects.append(repr(error))


@contextmanager
def running_horizon() -> Iterator[StubHorizon]:
    """Run a Horizon for as long as the block lasts."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.horizon = StubHorizon(address=f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.horizon
        finally:
            server.horizon.let_go.set()
            server.shutdown()
            thread.join()
        assert server.horizon.defects == []
