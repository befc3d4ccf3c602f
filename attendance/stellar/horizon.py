"""Talking to a Horizon, the HTTP server of a network of Stellar.

Answers have the shapes of https://developers.stellar.org/docs/data/apis/horizon/api-reference; of an answer that says
no, only its status and its result codes are ever repeated.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from attendance.outgoing import TooLargeError, UnansweredError, exchange
from attendance.stellar.networks import Network

SECONDS_TO_READ = 10.0
SECONDS_TO_SUBMIT = 40.0
"""Horizon itself waits thirty seconds for the ledger that takes a transaction."""
LARGEST_ANSWER = 4 * 1024 * 1024
PAGE = 200
_CODE = re.compile(r"[a-z_]{1,40}")
_HASH = re.compile(r"[0-9a-f]{64}")


class Trouble(StrEnum):
    """Why something did not come about."""

    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    BUSY = "busy"
    STRANGE = "strange"
    OTHER_NETWORK = "other_network"
    NO_ACCOUNT = "no_account"
    NO_FUNDS = "no_funds"
    LOW_FEE = "low_fee"
    TAKEN_NUMBER = "taken_number"
    TOO_LATE = "too_late"
    REFUSED = "refused"


_OF_CODE = {
    "tx_no_source_account": Trouble.NO_ACCOUNT,
    "tx_insufficient_balance": Trouble.NO_FUNDS,
    "op_low_reserve": Trouble.NO_FUNDS,
    "tx_insufficient_fee": Trouble.LOW_FEE,
    "tx_bad_seq": Trouble.TAKEN_NUMBER,
    "tx_too_late": Trouble.TOO_LATE,
}


class HorizonError(Exception):
    """Something did not come about: why, and in a few words of ours what was answered."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(f"{trouble}: {detail}" if detail else str(trouble))
        self.trouble = trouble
        self.detail = detail


class Taken(NamedTuple):
    """A transaction that is in a ledger.

    Attributes:
        hash: the name it goes by.
        ledger: the number of the ledger.
        successful: whether it did what it says; if not, it only used up its number.
        envelope: the whole of it, as it was signed.
    """

    hash: str
    ledger: int
    successful: bool
    envelope: str


class Tip(NamedTuple):
    """How far a Horizon knows the network.

    Attributes:
        closed_at: when the latest ledger was closed.
        elder: the first ledger whose transactions it has kept.
    """

    closed_at: datetime
    elder: int


@dataclass(frozen=True)
class Horizon:
    """The Horizon at an address, of which a network is expected.

    Each call raises HorizonError when there is no answer in time, or none that can be understood.
    """

    address: str
    network: Network

    def tip(self) -> Tip:
        """Return how far it knows the network."""
        root = self._asked("/", SECONDS_TO_READ)
        if _value(root, "network_passphrase", str) != self.network.passphrase:
            raise HorizonError(Trouble.OTHER_NETWORK)
        closed_at = _moment(_value(root, "history_latest_ledger_closed_at", str))
        return Tip(closed_at, _value(root, "history_elder_ledger", int))

    def sequence_of(self, account: str) -> int | None:
        """Return the number of the last transaction of an account, None when there is no such account."""
        try:
            found = self._asked(f"/accounts/{account}", SECONDS_TO_READ)
        except _MissingError:
            return None
        return _number(_value(found, "sequence", str))

    def transaction(self, name: str) -> Taken | None:
        """Return the transaction of that hash, None when no ledger that is known here has it."""
        try:
            return _taken(self._asked(f"/transactions/{name}", SECONDS_TO_READ))
        except _MissingError:
            return None

    def transactions_of(self, account: str) -> Iterator[Taken]:
        """Yield what concerns an account and is in a ledger, the oldest first."""
        last = ""
        while True:
            query = f"cursor={last}&limit={PAGE}&order=asc&include_failed=false"
            try:
                page = self._asked(f"/accounts/{account}/transactions?{query}", SECONDS_TO_READ)
            except _MissingError as error:
                raise HorizonError(Trouble.NO_ACCOUNT) from error
            records = _value(_value(page, "_embedded", dict), "records", list)
            yield from (_taken(record) for record in records)
            if len(records) < PAGE:
                return
            last = str(_number(_value(records[-1], "paging_token", str)))

    def submit(self, envelope: str) -> Taken:
        """Hand in a transaction and return it once a ledger has it; the same one may be handed in any number of times.

        HorizonError says why that did not come about. After UNREACHABLE, THROTTLED and BUSY it may still do so.
        """
        return _taken(self._asked("/transactions", SECONDS_TO_SUBMIT, {"tx": envelope}))

    def _asked(self, path: str, seconds: float, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            status, body = exchange(self.address + path, seconds=seconds, largest=LARGEST_ANSWER, form=form)
        except UnansweredError as error:
            raise HorizonError(Trouble.UNREACHABLE, str(error)) from error
        except TooLargeError as error:
            raise HorizonError(Trouble.STRANGE, str(error)) from error
        found = _object(body)
        if status == 200:
            return found
        raise _refusal(status, found, submitted=form is not None)


class _MissingError(HorizonError):
    """What was asked for is not there."""


def _refusal(status: int, found: Mapping[str, Any], *, submitted: bool) -> HorizonError:
    if status == 404 and not submitted and found.get("title") == "Resource Missing":
        return _MissingError(Trouble.STRANGE, "status 404")
    if status == 429:
        return HorizonError(Trouble.THROTTLED)
    if status in (502, 503, 504):
        return HorizonError(Trouble.BUSY, f"status {status}")
    codes = _codes(found)
    if submitted and codes:
        # An operation that failed says more than that one did.
        troubles = [_OF_CODE[code] for code in reversed(codes) if code in _OF_CODE]
        return HorizonError(troubles[0] if troubles else Trouble.REFUSED, " ".join(codes))
    return HorizonError(Trouble.STRANGE, f"status {status}")


def _codes(found: Mapping[str, Any]) -> list[str]:
    """Return the result codes of a refused transaction, its own first."""
    extras = found.get("extras")
    codes = extras.get("result_codes") if isinstance(extras, dict) else None
    if not isinstance(codes, dict):
        return []
    operations = codes.get("operations")
    told = [codes.get("transaction"), *(operations if isinstance(operations, list) else [])]
    return [code for code in told if isinstance(code, str) and _CODE.fullmatch(code)]


def _taken(found: Mapping[str, Any]) -> Taken:
    name = _value(found, "hash", str)
    if not _HASH.fullmatch(name):
        raise HorizonError(Trouble.STRANGE, "a transaction without a hash")
    ledger, successful = _value(found, "ledger", int), _value(found, "successful", bool)
    return Taken(name, ledger, successful, _value(found, "envelope_xdr", str))


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    # A proxy before Horizon may answer in its own words; the status decides then.
    return found if isinstance(found, dict) else {}


def _value(found: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, kind):
        raise HorizonError(Trouble.STRANGE, f"no {name}")
    return value


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", text, re.ASCII):
        raise HorizonError(Trouble.STRANGE, "no number")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise HorizonError(Trouble.STRANGE, "no moment")
    return moment
