"""Anchoring by command, and the audit of what the chain has."""

import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings
from stellar_sdk import Keypair

from attendance.ledger.signing import SigningKey
from attendance.ledger.tree import Frontier
from attendance.ledger.verify_receipt import Checkpoint as SignedState
from attendance.models import Anchor, Checkpoint, LedgerEntry
from attendance.queries.anchors import horizon_of
from attendance.services.anchoring import anchor_newest
from attendance.services.ledger_keys import DEVELOPMENT_NAME, signing_key
from attendance.stellar import horizon as horizon_client
from attendance.stellar.envelopes import signed
from attendance.stellar.networks import NETWORKS
from tests.cast import Campus
from tests.ledger.anchoring import ACCOUNT, SECRET, horizon
from tests.ledger.stage import behind_the_application, sealed_block
from tests.servers.horizon import StubHorizon

__all__ = ["horizon"]
pytestmark = pytest.mark.django_db(transaction=True)
STRANGER = Keypair.from_raw_ed25519_seed(bytes(32)).secret


def said(name: str, **options: Any) -> str:
    out = StringIO()
    call_command(name, stdout=out, **options)
    return out.getvalue()


def fault(**options: Any) -> str:
    with pytest.raises(CommandError) as found:
        said("verify_ledger", anchors=True, **options)
    return str(found.value)


# --- Anchoring --------------------------------------------------------------------------------------------------------


def test_the_command_says_what_happened(campus: Campus, horizon: StubHorizon) -> None:
    assert "Nothing to anchor" in said("anchor_ledger")
    sealed_block(campus, campus.amira)
    told = said("anchor_ledger")
    (name,) = horizon.transactions
    assert f"Block 1 is in ledger {horizon.ledger} of testnet." in told and f"Transaction {name}" in told
    assert "Nothing to anchor" in said("anchor_ledger")


@pytest.mark.parametrize(
    ("what", "sentence"), [("down", r"^Not anchored\. Horizon, the server of the chain, does not answer\.")]
)
def test_the_command_fails_with_the_reason(campus: Campus, horizon: StubHorizon, what: str, sentence: str) -> None:
    sealed_block(campus, campus.amira)
    horizon.fault = what
    with pytest.raises(CommandError, match=sentence):
        said("anchor_ledger")


def test_the_command_says_when_anchoring_is_off(campus: Campus, settings: Settings) -> None:
    settings.STELLAR_NETWORK = ""
    with pytest.raises(CommandError, match="Anchoring is off"):
        said("anchor_ledger")


# --- The audit --------------------------------------------------------------------------------------------------------


@pytest.fixture
def anchored(campus: Campus, horizon: StubHorizon) -> list[Checkpoint]:
    """Three blocks, of which the first and the last are anchored."""
    blocks = [sealed_block(campus, campus.amira, campus.bilal)]
    anchor_newest()
    blocks += [sealed_block(campus, campus.amira), sealed_block(campus, campus.bilal)]
    anchor_newest()
    return blocks


def test_what_is_anchored_holds(anchored: list[Checkpoint], horizon: StubHorizon) -> None:
    horizon.funded(STRANGER)
    horizon.give(STRANGER, ACCOUNT)
    horizon.use_number(ACCOUNT)
    sequence = horizon.accounts[ACCOUNT].sequence + 1
    other: Any = {"sequence": sequence, "ends_at": 2**40, "memo": bytes(32), "name": "another name", "value": b"x"}
    horizon.answer_to(signed(secret=SECRET, network=NETWORKS["testnet"], **other).envelope)
    assert len(horizon.transactions) == 5
    told = said("verify_ledger", anchors=True)
    assert "The ledger is whole: 3 blocks" in told and "2 anchors in the chain hold." in told and "older" not in told


def test_without_being_told_to_the_audit_asks_nobody(anchored: list[Checkpoint], horizon: StubHorizon) -> None:
    asked = len(horizon.requests)
    assert "anchors" not in said("verify_ledger") and len(horizon.requests) == asked


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(horizon_client, "PAGE", 1)
    yield


@pytest.mark.usefixtures("short_pages")
def test_the_chain_is_read_page_by_page(anchored: list[Checkpoint], horizon: StubHorizon) -> None:
    assert "2 anchors in the chain hold." in said("verify_ledger", anchors=True)
    assert sum("/transactions?" in request.path for request in horizon.requests) == 3


def rewrite(key: SigningKey) -> None:
    """Replace the last event by another one, compute everything that follows, and sign all blocks again."""
    with behind_the_application() as cursor:
        cursor.execute('UPDATE attendance_ledgerentry SET event_id = -event_id WHERE "index" < 2')
        first, second = LedgerEntry.objects.filter(index__lt=2).order_by("index").values_list("event_id", flat=True)
        cursor.execute('UPDATE attendance_ledgerentry SET event_id = %s WHERE "index" = 0', [-second])
        cursor.execute('UPDATE attendance_ledgerentry SET event_id = %s WHERE "index" = 1', [-first])
        edge, roots = Frontier(0, []), [b""]
        for entry in LedgerEntry.objects.select_related("event").order_by("index"):
            hashes = edge.append(bytes(entry.event.commitment))
            cursor.execute('UPDATE attendance_ledgerentry SET hashes = %s WHERE "index" = %s', [hashes, entry.index])
            roots.append(edge.root)
        for block in Checkpoint.objects.all():
            note = key.sealed(SignedState(DEVELOPMENT_NAME, block.size, roots[block.size]))
            changed = [roots[block.size], note, block.number]
            cursor.execute("UPDATE attendance_checkpoint SET root = %s, note = %s WHERE number = %s", changed)


def test_who_has_the_key_itself_is_found_by_the_chain(anchored: list[Checkpoint], horizon: StubHorizon) -> None:
    rewrite(signing_key())
    assert "The ledger is whole" in said("verify_ledger")
    assert "NOT WHOLE. The first 2 entries are not those that were anchored by transaction" in fault()


def test_to_delete_the_rows_of_anchors_as_well_hides_nothing(anchored: list[Checkpoint], horizon: StubHorizon) -> None:
    rewrite(signing_key())
    with behind_the_application() as cursor:
        cursor.execute("DELETE FROM attendance_anchor")
    assert "0 anchors in the chain hold." in said("verify_ledger", anchors=True)
    assert "were anchored by transaction" in fault(account=[ACCOUNT])


def test_a_log_that_was_cut_off_is_shorter_than_its_anchor(anchored: list[Checkpoint], horizon: StubHorizon) -> None:
    with behind_the_application() as cursor:
        cursor.execute("DELETE FROM attendance_anchor WHERE checkpoint_id = 3")
        cursor.execute("DELETE FROM attendance_blockshare WHERE checkpoint_id = 3")
        cursor.execute("DELETE FROM attendance_checkpoint WHERE number = 3")
        cursor.execute(
            "DELETE FROM attendance_attendanceevent WHERE id = (SELECT max(id) FROM attendance_attendanceevent)"
        )
        cursor.execute('DELETE FROM attendance_ledgerentry WHERE "index" = 3')
    assert "The ledger is whole" in said("verify_ledger")
    assert "The log is shorter than the 4 entries that were anchored" in fault()


TAMPERED = {
    "a block that was signed once more": (
        "UPDATE attendance_anchor SET checkpoint_id = 2 WHERE checkpoint_id = 1",
        "The anchor of block 2 was changed",
    ),
    "an anchor that was made up": (
        "UPDATE attendance_anchor SET transaction_hash = replace(transaction_hash, '1', '2') WHERE checkpoint_id = 3",
        "Block 3 is said to be anchored by transaction",
    ),
}


@pytest.mark.parametrize(("statement", "sentence"), TAMPERED.values(), ids=TAMPERED)
def test_a_row_that_says_something_else_than_the_chain_is_named(
    anchored: list[Checkpoint], horizon: StubHorizon, statement: str, sentence: str
) -> None:
    with behind_the_application() as cursor:
        cursor.execute(statement)
    assert sentence in fault()


def test_a_signed_text_of_the_same_log_is_still_another_text(anchored: list[Checkpoint], horizon: StubHorizon) -> None:
    key, block = signing_key(), anchored[0]
    note = key.sealed(SignedState(key.public.name, block.size, bytes(block.root))) + "— other.example/log AAAA\n"
    with behind_the_application() as cursor:
        cursor.execute("UPDATE attendance_checkpoint SET note = %s WHERE number = 1", [note])
    assert "Block 1: its signed text is not the one" in fault() or "Block 1: The " in fault()


def test_what_the_server_has_not_kept_is_counted_and_no_fault(anchored: list[Checkpoint], horizon: StubHorizon) -> None:
    horizon.elder = horizon.ledger
    told = said("verify_ledger", anchors=True)
    assert "1 anchors in the chain hold." in told and "1 anchors are older than what the server has kept" in told


def test_an_emptied_test_network_has_nothing(anchored: list[Checkpoint], horizon: StubHorizon) -> None:
    horizon.transactions.clear()
    assert "the testnet network has none: it was emptied since, or the row was made up." in fault()


@pytest.mark.parametrize(
    ("what", "sentence"),
    [("down", "Horizon, the server of the chain, does not answer."), ("website", "does not answer as Horizon does.")],
)
def test_a_chain_that_cannot_be_asked_is_no_proof(
    anchored: list[Checkpoint], horizon: StubHorizon, what: str, sentence: str
) -> None:
    horizon.fault = what
    assert fault().startswith("The anchors could not be checked.") and sentence in fault()


def test_an_account_that_nobody_made_is_named(anchored: list[Checkpoint], horizon: StubHorizon) -> None:
    unknown = Keypair.from_raw_ed25519_seed(bytes(31) + b"1").public_key
    assert "The account is not there." in fault(account=[unknown])


def test_a_missing_package_is_named(
    anchored: list[Checkpoint], horizon: StubHorizon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "stellar_sdk", None)
    assert "pip install -r requirements-anchor.txt" in fault()


def test_anchors_on_another_network_are_asked_for_there(anchored: list[Checkpoint], settings: Settings) -> None:
    """Each network has its own Horizon; the one that is set is for the network that is set."""
    settings.STELLAR_NETWORK = "public"
    settings.STELLAR_HORIZON_URL = ""
    assert Anchor.objects.filter(network="testnet", confirmed_at__isnull=False).count() == 2
    assert horizon_of("testnet").address == "https://horizon-testnet.stellar.org"
    assert horizon_of("public").address == "https://horizon.stellar.org"
