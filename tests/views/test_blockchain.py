"""The ledger's pages: blocks, entries, how far events came, and what strangers check them by."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from attendance import clock
from attendance.caching import rounds
from attendance.ledger import verify_receipt
from attendance.ledger.verify_receipt import check_same_log, consistency_of, key_of, opened
from attendance.models import AttendanceEvent, BlockShare, Checkpoint, Organisation, User
from attendance.queries.blocks import figures_of_all
from attendance.services import sealing
from attendance.services.events import ActDraft, record_act
from attendance.services.sealing import seal
from tests.cast import Campus, person, signed_in
from tests.kinds import served_from_cache
from tests.ledger.stage import erase, log_of_three_blocks, mark, sealed_block
from tests.pages.conftest import calm
from tests.pages.every import seen

__all__ = ["calm"]


def page(campus: Campus, name: str, *arguments: object, reader: str = "admin") -> str:
    answer = signed_in(getattr(campus, reader)).get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


def text(name: str, *arguments: object) -> str:
    """Return what somebody without an account gets."""
    answer = Client().get(reverse(name, args=arguments))
    assert answer.status_code == 200 and answer["Content-Type"] == "text/plain; charset=utf-8"
    return answer.content.decode()


def counted_by_hand() -> list[list[str]]:
    """Return name, events and entries of each organisation that has events, by plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT o.name, count(*), count(l.event_id) FROM attendance_attendanceevent e
            JOIN attendance_organisation o ON o.id = e.organisation_id
            LEFT JOIN attendance_ledgerentry l ON l.event_id = e.id GROUP BY o.name ORDER BY o.name
        """)
        return [[str(cell) for cell in row] for row in cursor.fetchall()]


# --- Statistics -------------------------------------------------------------------------------------------------------


def test_the_columns_are_counted_by_hand(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_IN_A_BLOCK", 4)
    for _time in range(7):
        mark(campus, campus.amira, at=clock.now() - timedelta(seconds=40))
    assert seal() is not None
    shown = page(campus, "blockchain_statistics")
    ((_name, recorded, sealed),) = counted_by_hand()
    assert (recorded, sealed) == ("7", "4")
    assert f'<p class="value">{recorded}</p>' in shown
    assert f'<p class="value">{sealed}</p>' in shown
    assert "57.1\N{NARROW NO-BREAK SPACE}% of recorded" in shown and "at most 40." in shown
    assert shown.count('<p class="value muted">–</p>') == 2 and shown.count('data-tone="off">off</span>') == 2


def test_another_institution_counts_its_own(campus: Campus) -> None:
    sealed_block(campus, campus.amira)
    assert "No block yet" in page(campus, "blockchain_statistics", reader="foreign_admin")


@pytest.mark.usefixtures("calm")
@pytest.mark.django_db(transaction=True)
def test_statistics_are_a_hit_until_the_next_block(campus: Campus) -> None:
    log_of_three_blocks(campus)
    browser, address = signed_in(campus.admin), reverse("blockchain_statistics")
    assert rounds.run_now()
    for _time in range(3):
        before = seen(browser, address).body
    mark(campus, campus.amira)
    with served_from_cache():
        assert seen(browser, address).body == before
    assert seal() is not None
    assert b'<p class="value">7</p>' in browser.get(address).content


def test_every_reader_of_an_organisation_may_see_them(campus: Campus) -> None:
    sealed_block(campus, campus.amira)
    for reader in ("amira", "ines", "auditor"):
        assert "Recorded" in page(campus, "blockchain_statistics", reader=reader)


# --- Statistics of all organisations together -------------------------------------------------------------------------


def operator(campus: Campus) -> Client:
    User.objects.filter(pk=campus.admin.pk).update(is_superuser=True)
    return signed_in(campus.admin)


def act_elsewhere(campus: Campus, *, seconds_ago: float = 0) -> None:
    """Record something of the other institution."""
    record_act(
        ActDraft(
            kind=AttendanceEvent.Kind.POLICY_CHANGED,
            organisation_id=campus.foreign_admin.organisation_id,
            actor_id=campus.foreign_admin.pk,
            received_at=clock.now() - timedelta(seconds=seconds_ago),
            told={},
        )
    )


def cells(shown: str, part: str) -> list[list[str]]:
    """Return the texts of the rows in a part of the table of all organisations."""
    table = shown.partition("<h2>All organisations</h2>")[2].partition(f"<{part}>")[2].partition(f"</{part}>")[0]
    texts = [re.sub("<[^>]+>", "\n", row).split("\n") for row in table.split("</tr>")]
    return [found for row in texts if (found := [text.strip() for text in row if text.strip()])]


def test_operators_see_all_organisations_counted_by_plain_sql(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(clock.now(), tick=False):
        log_of_three_blocks(campus)
        monkeypatch.setattr(sealing, "MOST_IN_A_BLOCK", 2)
        for _time in range(3):
            act_elsewhere(campus, seconds_ago=41.5)
        assert seal() is not None
    shown = operator(campus).get(reverse("blockchain_statistics")).content.decode()
    counted = counted_by_hand()
    percent = "\N{NARROW NO-BREAK SPACE}%"
    assert counted == [["Brackley College", "3", "2"], ["University of Aldermoor", "6", "6"]]
    assert cells(shown, "tbody") == [
        [*counted[0], f"66.6{percent}", "41.5 s", "4"],
        [*counted[1], f"100.0{percent}", "0.0 ms", "3"],
    ]
    assert cells(shown, "tfoot") == [["Together", "9", "8", f"88.8{percent}", "41.5 s"]]


def test_an_operator_of_an_organisation_without_events_sees_the_others(campus: Campus) -> None:
    User.objects.filter(pk=campus.foreign_admin.pk).update(is_superuser=True)
    assert "All organisations" not in page(campus, "blockchain_statistics", reader="foreign_admin")
    sealed_block(campus, campus.amira)
    shown = page(campus, "blockchain_statistics", reader="foreign_admin")
    assert "No block yet" in shown and cells(shown, "tbody")[0][:3] == ["University of Aldermoor", "1", "1"]


def test_more_organisations_take_no_more_queries(
    campus: Campus, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    act_elsewhere(campus)
    sealed_block(campus, campus.amira)
    with django_assert_num_queries(1):
        assert len(shares_of_all()) == 2
    for number in range(5):
        more = Organisation.objects.create(slug=f"more{number}", name=f"More {number}")
        BlockShare.objects.create(
            checkpoint_id=1,
            organisation=more,
            entries=1,
            sealed=1,
            waiting=0,
            longest_wait=timedelta(seconds=9 - number),
        )
    with django_assert_num_queries(1):
        assert len(shares_of_all()) == 7
    of_all = figures_of_all()
    assert of_all is not None and (of_all.recorded, of_all.longest_wait) == (7, timedelta(seconds=9))


def shares_of_all() -> list[BlockShare]:
    figures = figures_of_all()
    assert figures is not None and all(share.organisation.name and share.checkpoint.size for share in figures.shares)
    return figures.shares


@pytest.mark.usefixtures("calm")
@pytest.mark.django_db(transaction=True)
def test_no_copy_of_an_operator_is_anybody_elses(campus: Campus) -> None:
    log_of_three_blocks(campus)
    colleague = signed_in(person(campus.organisation, "colleague", "admin", "Co League"))
    browsers = {True: operator(campus), False: colleague}
    address = reverse("blockchain_statistics")
    assert rounds.run_now()
    for first in (True, False, True):
        for sees_all in (first, not first, first):
            for _time in range(2):
                assert (b"All organisations" in browsers[sees_all].get(address).content) == sees_all
    for browser in browsers.values():
        with served_from_cache():
            browser.get(address)
    User.objects.filter(pk=campus.admin.pk).update(is_superuser=False)
    assert b"All organisations" not in browsers[True].get(address).content


@pytest.mark.usefixtures("calm")
@pytest.mark.django_db(transaction=True)
def test_figures_of_all_are_a_hit_until_the_next_block_of_anybody(campus: Campus) -> None:
    log_of_three_blocks(campus)
    browser, address = operator(campus), reverse("blockchain_statistics")
    assert rounds.run_now()
    for _time in range(3):
        before = seen(browser, address).body
    act_elsewhere(campus)
    with served_from_cache():
        assert seen(browser, address).body == before
    assert seal() is not None
    assert cells(browser.get(address).content.decode(), "tbody")[0][:3] == ["Brackley College", "1", "1"]
    Organisation.objects.filter(slug="brackley").update(name="Brackley University")
    assert cells(browser.get(address).content.decode(), "tbody")[0][0] == "Brackley University"


# --- Blocks and entries -----------------------------------------------------------------------------------------------


def test_blocks_are_listed_with_what_each_added(campus: Campus) -> None:
    log_of_three_blocks(campus)
    shown = page(campus, "block_list")
    assert shown.index(">3</a>") < shown.index(">2</a>") < shown.index(">1</a>")
    assert shown.count('<td class="n">2</td>') == 1 and shown.count('<td class="n">3</td>') == 2


def test_a_block_shows_what_was_signed_and_the_readers_entries(campus: Campus) -> None:
    block = log_of_three_blocks(campus)[0]
    shown = page(campus, "block_show", block.number)
    assert "3 entries were added, the log has 3." in shown
    assert "2 entries were added, the log has 6." in page(campus, "block_show", 3)
    assert f"— {block.key.text.partition('+')[0]}" in shown and shown.count("/blockchain/entries/") == 3
    assert page(campus, "block_show", block.number, reader="amira").count("/blockchain/entries/") == 2
    assert "None of its entries" in page(campus, "block_show", block.number, reader="foreign_admin")
    assert signed_in(campus.admin).get(reverse("block_show", args=[9])).status_code == 404


def test_an_entry_shows_its_text(campus: Campus) -> None:
    sealed_block(campus, campus.amira)
    event = AttendanceEvent.objects.get()
    shown = page(campus, "entry_show", 0, reader="amira")
    assert "Amira Haddad" in shown and str(event.event_id) in shown and "&quot;to&quot;:&quot;present&quot;" in shown


def test_an_erased_entry_says_since_when_and_by_which_entry(campus: Campus) -> None:
    block = log_of_three_blocks(campus)[0]
    erasure = erase(campus, campus.amira)
    shown = page(campus, "entry_show", 0)
    assert "Erased " in shown and "not sealed yet" in shown and "The hash stays and counts" in shown
    assert seal() is not None
    said_by = f'<a href="{reverse("entry_show", args=[6])}">Entry 6</a>'
    assert said_by in page(campus, "entry_show", 0) and said_by in page(campus, "entry_show", 0, reader="auditor")
    theirs = page(campus, "entry_show", 0, reader="ines")
    assert "What says so: Entry 6" in theirs and said_by not in theirs
    download = reverse("receipt_download", args=[0])
    assert download not in shown and signed_in(campus.admin).get(download).status_code == 404
    assert "not sealed yet" not in page(campus, "entry_show", 1) and "Erased" not in page(campus, "entry_show", 1)
    assert str(erasure.event_id) in page(campus, "entry_show", 6)
    assert "Person erased" in page(campus, "block_show", 4)
    assert page(campus, "block_show", block.number).count("/blockchain/entries/") == 3
    assert signed_in(campus.ines).get(reverse("entry_show", args=[6])).status_code == 404


def test_the_status_says_what_waits(campus: Campus) -> None:
    assert "none yet" in page(campus, "blockchain_status")
    sealed_block(campus, campus.amira)
    assert "Nothing waits" in page(campus, "blockchain_status")
    mark(campus, campus.amira)
    assert "1 event waits" in page(campus, "blockchain_status")


def test_the_history_of_a_mark_leads_to_its_entry(campus: Campus) -> None:
    address = reverse("history_show", args=[campus.lecture.pk, campus.amira.pk])
    mark(campus, campus.amira)
    browser = signed_in(campus.amira)
    assert "/blockchain/entries/" not in browser.get(address).content.decode()
    assert seal() is not None
    assert reverse("entry_show", args=[0]) in browser.get(address).content.decode()


# --- For strangers ----------------------------------------------------------------------------------------------------


def test_blocks_keys_and_proofs_lie_at_addresses_for_everybody(campus: Campus) -> None:
    blocks = log_of_three_blocks(campus)
    key = key_of(text("ledger_keys").strip())
    states = [opened(text("checkpoint_of_block", block.number), key) for block in blocks]
    assert opened(text("checkpoint_latest"), key) == states[-1]
    for old in states:
        for new in states:
            if old.size <= new.size:
                check_same_log(new, old, consistency_of(text("consistency_show", old.size, new.size)))


@pytest.mark.django_db
def test_what_is_not_there_yet_is_not_found(campus: Campus) -> None:
    for name, arguments in (("checkpoint_latest", []), ("checkpoint_of_block", [1]), ("consistency_show", [0, 1])):
        assert Client().get(reverse(name, args=arguments)).status_code == 404
    assert text("ledger_keys") == ""
    sealed_block(campus, campus.amira)
    for sizes in ([1, 2], [2, 1], [1, 0]):
        assert Client().get(reverse("consistency_show", args=sizes)).status_code == 404


@pytest.mark.django_db
def test_the_verifier_is_a_file_to_keep() -> None:
    answer = Client().get("/blockchain/verify_receipt.py")
    assert answer.content == Path(verify_receipt.__file__).read_bytes()
    assert answer["Content-Disposition"] == 'attachment; filename="verify_receipt.py"'


def test_the_history_says_which_text_was_erased(campus: Campus) -> None:
    sealed_block(campus, campus.amira)
    erase(campus, campus.amira)
    sealed_block(campus, campus.amira)
    shown = page(campus, "history_show", campus.lecture.pk, campus.amira.pk)
    assert shown.count("text erased") == 1 and shown.count(">Receipt</a>") == 1
    assert f'href="{reverse("entry_show", args=[0])}">Entry 0</a>' in shown


def test_counts_and_blocks_agree(campus: Campus) -> None:
    log_of_three_blocks(campus)
    assert BlockShare.objects.latest("checkpoint").sealed == Checkpoint.objects.latest("number").size
