"""Anchoring: the newest block's hash reaches the chain once, whatever becomes of the way there."""

import base64
import hashlib
import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.urls import reverse
from pytest_django import Settings
from stellar_sdk import HashMemo, ManageData, TransactionEnvelope

from attendance import clock
from attendance.models import Anchor, User
from attendance.services import anchoring
from attendance.services.anchoring import LONGEST_WAIT, VALID_FOR, anchor_newest, anchor_when_due
from attendance.services.attendance_sessions import open_session
from attendance.services.refusals import Refusal
from attendance.services.sealing import seal
from attendance.stellar import horizon as horizon_client
from tests.cast import Campus, signed_in
from tests.ledger.anchoring import ACCOUNT, SECRET, horizon
from tests.ledger.stage import mark, sealed_block
from tests.scans import shown
from tests.servers.horizon import StubHorizon
from tests.servers.stellar_network import TESTNET
from tests.test_layers import MODULES, imports_of

__all__ = ["horizon"]
MANY_HOURS = timedelta(hours=30)


def tried() -> Anchor:
    anchor = anchor_newest()
    assert anchor is not None
    return anchor


# --- What is anchored -------------------------------------------------------------------------------------------------


def test_the_newest_block_stands_in_the_chain(campus: Campus, horizon: StubHorizon) -> None:
    sealed_block(campus, campus.amira)
    block = sealed_block(campus, campus.bilal, campus.amira)
    anchor = tried()
    assert (anchor.checkpoint, anchor.account, anchor.problem) == (block, ACCOUNT, "")
    assert anchor.confirmed_at and anchor.ledger == horizon.ledger
    assert list(horizon.transactions) == [anchor.transaction_hash]
    sent = TransactionEnvelope.from_xdr(horizon.transactions[anchor.transaction_hash]["envelope_xdr"], TESTNET)
    assert sent.transaction.memo == HashMemo(hashlib.sha256(block.note.encode()).digest())
    (operation,) = sent.transaction.operations
    value = (3).to_bytes(8, "big") + bytes(block.root)
    assert operation == ManageData("luminalearn/ledger", value) and len(value) == 40
    assert horizon.accounts[ACCOUNT].data == {"luminalearn/ledger": value}
    assert sent.transaction.fee == 10_000


def test_one_anchor_covers_all_blocks_and_comes_once(campus: Campus, horizon: StubHorizon) -> None:
    assert anchor_newest() is None
    sealed_block(campus, campus.amira)
    tried()
    assert anchor_newest() is None
    assert Anchor.objects.count() == len(horizon.submissions) == 1
    for _time in range(3):
        newest = sealed_block(campus, campus.amira)
    assert tried().checkpoint == newest and len(horizon.transactions) == 2


def test_nothing_of_anybody_leaves(campus: Campus, horizon: StubHorizon) -> None:
    """Every byte that is sent: fixed words, our account, a hash, and the envelope, of which each part is known."""
    block = sealed_block(campus, campus.amira, campus.bilal)
    anchor = tried()
    assert [(request.method, request.path) for request in horizon.requests] == [
        ("GET", "/"),
        ("GET", f"/accounts/{ACCOUNT}"),
        ("POST", "/transactions"),
    ]
    port = horizon.address.rpartition("//")[2]
    for request in horizon.requests:
        known = {"Host": port, "Accept": "application/json", "Accept-Encoding": "identity", "Connection": "keep-alive"}
        known["User-Agent"] = request.headers["User-Agent"]
        posted = {"Content-Length": str(len(request.body)), "Content-Type": "application/x-www-form-urlencoded"}
        assert request.headers == known | (posted if request.method == "POST" else {})
        assert request.headers["User-Agent"].startswith("python-httpx/")
    (envelope,) = horizon.submissions
    raw = base64.b64decode(envelope)
    rest = raw
    for part in (
        hashlib.sha256(block.note.encode()).digest(),
        (2).to_bytes(8, "big") + bytes(block.root),
        b"luminalearn/ledger",
    ):
        assert rest.count(part) == 1
        rest = rest.replace(part, b"")
    told = [str(value) for user in User.objects.all() for value in (user.username, user.email, user.number)]
    told += [campus.organisation.slug, str(campus.organisation.pk), campus.organisation.pk.hex, SECRET]
    everything = b"".join(f"{r.path} {json.dumps(r.headers)}".encode() + r.body for r in horizon.requests) + raw
    assert [word for word in told if word.encode() in everything] == []
    # Account, fee, number, time, types and signature remain.
    assert len(rest) < 220 and anchor.confirmed_at


def test_without_a_network_nothing_is_done(campus: Campus, settings: Settings) -> None:
    settings.STELLAR_NETWORK = ""
    sealed_block(campus, campus.amira)
    anchor_when_due()
    with pytest.raises(Refusal, match="Anchoring is off"):
        anchor_newest()
    assert not Anchor.objects.exists()


# --- When -------------------------------------------------------------------------------------------------------------


def test_it_is_time_an_hour_after_the_last_one_if_there_is_a_new_block(campus: Campus, horizon: StubHorizon) -> None:
    anchor_when_due()
    assert not Anchor.objects.exists()
    sealed_block(campus, campus.amira)
    anchor_when_due()
    assert len(horizon.transactions) == 1
    sealed_block(campus, campus.bilal)
    anchor_when_due()
    assert len(horizon.transactions) == 1
    for minutes, number in ((59, 1), (61, 2), (200, 2)):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
            anchor_when_due()
            assert len(horizon.transactions) == number


def test_tries_are_further_and_further_apart_up_to_an_hour(campus: Campus, horizon: StubHorizon) -> None:
    horizon.fault = "down"
    sealed_block(campus, campus.amira)
    waits, moment = [], clock.now()
    for _time in range(10):
        with time_machine.travel(moment, tick=False):
            anchor_when_due()
            asked = len(horizon.requests)
            anchor_when_due()
            assert len(horizon.requests) == asked
        anchor = Anchor.objects.get()
        waits.append(anchor.next_try_at - moment)
        moment = anchor.next_try_at
    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]
    assert waits[-1] == LONGEST_WAIT and Anchor.objects.get().attempts == 10


def test_after_weeks_without_a_chain_the_newest_block_is_anchored(campus: Campus, horizon: StubHorizon) -> None:
    """Sealing goes on and asks nobody; what was begun takes the block that is the newest when it is signed."""
    horizon.fault = "down"
    sealed_block(campus, campus.amira)
    tried()
    asked = len(horizon.requests)
    for _time in range(5):
        newest = sealed_block(campus, campus.bilal)
    assert len(horizon.requests) == asked
    horizon.fault = ""
    anchor = tried()
    assert (anchor.checkpoint, Anchor.objects.count()) == (newest, 1)


# --- What goes wrong --------------------------------------------------------------------------------------------------

PROBLEMS = {
    "down": "unreachable",
    "throttled": "throttled",
    "behind": "busy",
    "proxy": "busy",
    "website": "strange",
    "moved": "strange",
    "timeout": "busy",
    "surge": "low_fee",
}


@pytest.mark.parametrize(("fault", "problem"), PROBLEMS.items())
def test_a_problem_is_named_said_once_and_overcome(
    campus: Campus, horizon: StubHorizon, caplog: pytest.LogCaptureFixture, fault: str, problem: str
) -> None:
    caplog.set_level(logging.INFO, "lumina_learn.ledger")
    horizon.fault = fault
    block = sealed_block(campus, campus.amira)
    assert [tried().problem for _time in range(3)] == [problem] * 3
    said = [each.getMessage() for each in caplog.records if each.name == "lumina_learn.ledger"]
    assert len(said) == 1 and str(Anchor.Problem(problem).label) in said[0]
    horizon.fault = ""
    anchor = tried()
    assert anchor.confirmed_at and (anchor.checkpoint, anchor.problem, anchor.attempts) == (block, "", 4)
    assert len(horizon.transactions) == 1 == Anchor.objects.count() and len(set(horizon.submissions)) == 1
    assert f"Block {block.number} is anchored in ledger {anchor.ledger}" in caplog.text


def test_a_server_that_hangs_is_not_waited_for_long(
    campus: Campus, horizon: StubHorizon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(horizon_client, "SECONDS_TO_READ", 0.2)
    horizon.fault = "hang"
    sealed_block(campus, campus.amira)
    assert tried().problem == "unreachable"


def test_nobody_listening_is_a_problem_too(campus: Campus, horizon: StubHorizon, settings: Settings) -> None:
    settings.STELLAR_HORIZON_URL = "http://127.0.0.1:9"
    sealed_block(campus, campus.amira)
    assert (tried().problem, tried().problem_detail) == ("unreachable", "ConnectError")


def test_the_account_has_to_be_there_and_to_pay(campus: Campus, horizon: StubHorizon) -> None:
    account = horizon.accounts.pop(ACCOUNT)
    sealed_block(campus, campus.amira)
    assert (tried().problem, tried().problem_detail) == ("no_account", ACCOUNT)
    horizon.accounts[ACCOUNT], account.stroops = account, 50
    assert tried().problem == "no_funds"
    account.stroops = 10_000_000
    assert tried().confirmed_at


def test_the_horizon_of_another_network_gets_nothing(campus: Campus, horizon: StubHorizon) -> None:
    horizon.passphrase = "Public Global Stellar Network ; September 2015"
    sealed_block(campus, campus.amira)
    assert tried().problem == "other_network" and horizon.submissions == []


@pytest.mark.parametrize("text", [b"", b"SBAD", SECRET[:-1].encode() + b"X", b"\xff\xfe", None])
def test_a_file_without_a_key_is_named_and_never_shown(
    campus: Campus, horizon: StubHorizon, settings: Settings, caplog: pytest.LogCaptureFixture, text: bytes | None
) -> None:
    key_file = Path(settings.STELLAR_SECRET_KEY_FILE)
    key_file.unlink() if text is None else key_file.write_bytes(text)
    sealed_block(campus, campus.amira)
    anchor = tried()
    assert (anchor.problem, anchor.problem_detail) == ("no_key", "") and horizon.requests == []
    if text:
        assert text.decode("latin-1") not in caplog.text


# --- The same one again -----------------------------------------------------------------------------------------------


def test_what_was_taken_unseen_is_found_by_its_hash(campus: Campus, horizon: StubHorizon) -> None:
    horizon.fault = "timeout after taking"
    sealed_block(campus, campus.amira)
    anchor = tried()
    assert anchor.problem == "busy" and anchor.confirmed_at is None
    sealed_block(campus, campus.bilal)
    horizon.fault = ""
    confirmed = tried()
    assert (confirmed.pk, confirmed.ledger, confirmed.checkpoint_id) == (anchor.pk, horizon.ledger, 1)
    assert len(horizon.submissions) == 1
    assert tried().checkpoint_id == 2


def test_what_is_taken_while_it_is_asked_about_is_not_given_up(campus: Campus, horizon: StubHorizon) -> None:
    """Asked for before the account's numbers, it would seem to be missing, and its number used by another one."""
    horizon.fault = "timeout"
    sealed_block(campus, campus.amira)
    first = tried()
    horizon.fault, horizon.late = "", first.envelope
    confirmed = tried()
    assert confirmed.pk == first.pk and confirmed.confirmed_at and len(horizon.transactions) == 1


def test_the_same_one_is_handed_in_until_its_time_is_over(campus: Campus, horizon: StubHorizon) -> None:
    horizon.fault = "timeout"
    sealed_block(campus, campus.amira)
    for _time in range(3):
        first = tried()
    assert len(horizon.submissions) == 3 and len(set(horizon.submissions)) == 1
    newest = sealed_block(campus, campus.bilal)
    horizon.fault, horizon.seconds = "", VALID_FOR.total_seconds() + 5
    second = tried()
    first.refresh_from_db()
    assert first.given_up_at and (first.problem, first.confirmed_at) == ("too_late", None)
    assert second.pk != first.pk and second.confirmed_at and second.checkpoint == newest
    assert list(horizon.transactions) == [second.transaction_hash]


def test_the_chains_own_clock_says_when_time_is_over(campus: Campus, horizon: StubHorizon) -> None:
    horizon.fault = "timeout"
    sealed_block(campus, campus.amira)
    first = tried()
    with time_machine.travel(clock.now() + MANY_HOURS, tick=False):
        horizon.seconds = -MANY_HOURS.total_seconds()
        assert tried().given_up_at is None
        horizon.fault = ""
        again = tried()
    assert again.pk == first.pk and again.confirmed_at


def test_a_number_that_somebody_else_used_makes_room_for_the_next(campus: Campus, horizon: StubHorizon) -> None:
    horizon.fault = "timeout"
    sealed_block(campus, campus.amira)
    first = tried()
    horizon.use_number(ACCOUNT)
    horizon.fault = ""
    second = tried()
    first.refresh_from_db()
    assert first.given_up_at and first.problem == "taken_number"
    assert second.confirmed_at and second.sequence == (first.sequence or 0) + 1
    assert len(horizon.transactions) == 2


def test_a_rival_who_is_quicker_is_named(campus: Campus, horizon: StubHorizon) -> None:
    horizon.fault = "rival"
    sealed_block(campus, campus.amira)
    first = tried()
    assert (first.problem, first.problem_detail, first.given_up_at) == ("taken_number", "tx_bad_seq", None)
    horizon.fault = ""
    second = tried()
    assert second.pk != first.pk and second.confirmed_at and len(horizon.transactions) == 2


def test_a_transaction_that_failed_in_a_ledger_is_not_repeated_at_once(campus: Campus, horizon: StubHorizon) -> None:
    """It cost its fee, so the next one waits as if it were the same."""
    horizon.fault = "no reserve"
    sealed_block(campus, campus.amira)
    assert tried().problem == "no_funds"
    anchor_when_due()
    assert len(horizon.submissions) == 1
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        anchor_when_due()
        first = Anchor.objects.get()
        assert first.given_up_at and first.problem == "refused"
        anchor_when_due()
        assert len(horizon.submissions) == 1
    horizon.fault = ""
    with time_machine.travel(clock.now() + timedelta(minutes=4), tick=False):
        anchor_when_due()
    assert [bool(anchor.confirmed_at) for anchor in Anchor.objects.all()] == [False, True]


def test_an_account_that_is_gone_does_not_hold_a_stored_one_for_ever(campus: Campus, horizon: StubHorizon) -> None:
    """The test network is emptied now and then."""
    horizon.fault = "timeout"
    sealed_block(campus, campus.amira)
    tried()
    horizon.accounts.clear()
    horizon.fault, horizon.seconds = "", VALID_FOR.total_seconds() + 5
    assert tried().problem == "no_account"
    horizon.funded(SECRET)
    assert tried().confirmed_at


def test_another_answer_than_to_our_transaction_is_no_confirmation(campus: Campus, horizon: StubHorizon) -> None:
    sealed_block(campus, campus.amira)
    horizon.canned["POST"] = 200, {"hash": "0" * 64, "ledger": 5, "successful": True, "envelope_xdr": "AAAA"}
    assert (tried().problem, tried().problem_detail) == ("strange", "another transaction")


# --- Several at once --------------------------------------------------------------------------------------------------


def test_who_comes_second_leaves_it_to_the_first(campus: Campus, horizon: StubHorizon) -> None:
    horizon.fault = "timeout"
    sealed_block(campus, campus.amira)
    anchor = tried()
    stale = Anchor.objects.get()
    tried()
    before = len(horizon.requests)
    assert anchoring._tried(stale).attempts == 2 and len(horizon.requests) == before
    assert anchor.pk == stale.pk


def test_nothing_is_begun_once_another_process_is_done(campus: Campus, horizon: StubHorizon) -> None:
    sealed_block(campus, campus.amira)
    tried()
    assert anchoring._begun("testnet") is None and Anchor.objects.count() == 1


def test_a_transaction_that_another_process_stored_meanwhile_is_the_one(
    campus: Campus, horizon: StubHorizon, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed_block(campus, campus.amira)
    horizon.fault = "down"
    tried()
    slow = Anchor.objects.get()
    horizon.fault = "timeout"
    with monkeypatch.context() as patch:
        patch.setattr(anchoring, "VALID_FOR", timedelta(hours=2))  # Otherwise both would sign the same bytes.
        quick = tried()
    horizon.fault = ""
    anchoring._advance(slow, anchoring.horizon_of("testnet"))
    slow.refresh_from_db()
    assert slow.confirmed_at and slow.transaction_hash == quick.transaction_hash
    assert set(horizon.submissions) == {quick.envelope} and len(horizon.transactions) == 1


# --- Rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["account", "envelope", "transaction_hash", "sequence", "checkpoint_id", "network"])
def test_what_was_signed_stays(campus: Campus, horizon: StubHorizon, column: str) -> None:
    sealed_block(campus, campus.amira)
    other = sealed_block(campus, campus.bilal)
    horizon.fault = "timeout"
    anchor = tried()
    value = other.number - 1 if column == "checkpoint_id" else "9"
    _refused(f"UPDATE attendance_anchor SET {column} = %s", [value], anchor)
    _refused("DELETE FROM attendance_anchor", [], anchor)


@pytest.mark.parametrize("column", ["problem", "attempts", "ledger"])
def test_what_has_ended_stays(campus: Campus, horizon: StubHorizon, column: str) -> None:
    sealed_block(campus, campus.amira)
    _refused(f"UPDATE attendance_anchor SET {column} = %s", ["9"], tried())


def _refused(statement: str, values: list[object], row: Model) -> None:
    before = type(row)._default_manager.values().get()
    refused = pytest.raises(IntegrityError, match="an anchor that was signed or has ended stays")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    assert type(row)._default_manager.values().get() == before


# --- Apart from all else ----------------------------------------------------------------------------------------------


def test_check_in_and_sealing_ask_nobody(campus: Campus, horizon: StubHorizon) -> None:
    horizon.fault = "hang"
    session = open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    browser = signed_in(campus.amira)
    browser.get(reverse("check_in_scan", args=[shown(session)]))
    assert b"Present" in browser.post(reverse("check_in_send"), follow=True).content
    for _time in range(20):
        mark(campus, campus.bilal)
        assert seal() is not None
    assert horizon.requests == []


@pytest.mark.parametrize("part", ["sealing", "sealing_thread", "check_in", "scans", "attendance_sessions", "events"])
def test_nothing_that_checks_in_or_seals_knows_of_it(part: str) -> None:
    known: set[str] = set()
    found = [f"attendance.services.{part}"]
    while found:
        module = found.pop()
        known.add(module)
        names = set(imports_of(MODULES[module].read_text("utf-8"), module))
        names |= {name.rpartition(".")[0] for name in names}
        names |= {f"{name}.__init__" for name in names}
        found += [name for name in names if name in MODULES and name not in known]
    assert {"attendance.models.records", module} <= known
    assert [name for name in known if "anchoring" in name or "stellar" in name or "outgoing" in name] == []
