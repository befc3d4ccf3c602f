"""What the pages of the ledger say of anchors: counted by hand, named as what they are, and never out of date."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from attendance import clock
from attendance.caching import rounds
from attendance.caching.near import near
from attendance.models import Anchor
from attendance.queries.anchors import anchored_figures, anchoring_status
from attendance.queries.blocks import figures_of
from attendance.services.anchoring import anchor_newest
from tests.cast import Campus, signed_in
from tests.kinds import served_from_cache
from tests.ledger.anchoring import ACCOUNT, horizon
from tests.ledger.stage import sealed_block
from tests.pages.conftest import calm
from tests.pages.every import seen
from tests.servers.horizon import StubHorizon

__all__ = ["calm", "horizon"]


def page(campus: Campus, name: str, reader: str = "admin") -> str:
    answer = signed_in(getattr(campus, reader)).get(reverse(name))
    assert answer.status_code == 200
    return answer.content.decode()


# --- Statistics -------------------------------------------------------------------------------------------------------


def test_off_is_off(campus: Campus, settings: Settings) -> None:
    settings.STELLAR_NETWORK = ""
    sealed_block(campus, campus.amira)
    assert "not sent to a public chain" in page(campus, "blockchain_statistics")
    assert page(campus, "blockchain_statistics").count('data-tone="off">off</span>') == 2
    status = page(campus, "blockchain_status")
    assert status.count("<dd>off</dd>") == 2 and "Newest anchor" not in status


def test_the_column_is_counted_by_hand(campus: Campus, horizon: StubHorizon) -> None:
    sealed_block(campus, campus.amira, campus.bilal, campus.amira)
    with time_machine.travel(clock.now() + timedelta(minutes=75), tick=False):
        anchor_newest()
    sealed_block(campus, campus.amira)
    shown = page(campus, "blockchain_statistics")
    assert '<p class="value">3</p>' in shown and "75.0\N{NARROW NO-BREAK SPACE}% of sealed" in shown
    assert "block 1, 1 h 15 min after it was sealed" in shown
    assert ">test network</span>" in shown and "this proves nothing for long" in shown
    assert shown.count('data-tone="off">off</span>') == 1, "witnesses are off"


def test_before_the_first_anchor_nothing_is_claimed(campus: Campus, horizon: StubHorizon) -> None:
    sealed_block(campus, campus.amira)
    shown = page(campus, "blockchain_statistics")
    assert '<p class="value">0</p>' in shown and "no block yet" in shown


def test_the_public_network_is_named_without_a_warning(
    campus: Campus, horizon: StubHorizon, settings: Settings
) -> None:
    settings.STELLAR_NETWORK = "public"
    horizon.passphrase = "Public Global Stellar Network ; September 2015"
    sealed_block(campus, campus.amira)
    anchor_newest()
    shown = page(campus, "blockchain_statistics")
    assert "in Stellar&#x27;s public network" in shown or "in Stellar's public network" in shown
    assert "test network" not in shown
    assert "https://stellar.expert/explorer/public/tx/" in page(campus, "blockchain_status")


def test_each_institution_counts_its_own_at_the_anchored_block(campus: Campus, horizon: StubHorizon) -> None:
    sealed_block(campus, campus.amira)
    anchor_newest()
    assert "No block yet" in page(campus, "blockchain_statistics", reader="foreign_admin")


def test_an_anchor_of_a_later_block_counts_no_more_than_was_sealed_then(campus: Campus, horizon: StubHorizon) -> None:
    sealed_block(campus, campus.amira)
    figures = figures_of(campus.organisation.pk)
    sealed_block(campus, campus.bilal)
    anchor_newest()
    assert figures is not None
    anchored = anchored_figures(figures.share)
    assert anchored is not None and (anchored.anchored, anchored.sealed, anchored.part) == (1, 1, 1)


def test_the_number_of_queries_does_not_grow(
    campus: Campus, horizon: StubHorizon, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _time in range(2):
        for _block in range(4):
            sealed_block(campus, campus.amira)
            anchor_newest()
        figures = figures_of(campus.organisation.pk)
        assert figures is not None
        with django_assert_num_queries(2):
            anchored_figures(figures.share)
        with django_assert_num_queries(2):
            anchoring_status()


@pytest.mark.usefixtures("calm")
@pytest.mark.django_db(transaction=True)
def test_statistics_are_a_hit_until_an_anchor_is_confirmed(campus: Campus, horizon: StubHorizon) -> None:
    sealed_block(campus, campus.amira)
    horizon.fault = "timeout"
    anchor_newest()
    browser, address = signed_in(campus.admin), reverse("blockchain_statistics")
    assert rounds.run_now()
    for _time in range(3):
        before = seen(browser, address).body
    anchor_newest()
    with served_from_cache():
        assert seen(browser, address).body == before
    horizon.fault = ""
    anchor_newest()
    after = browser.get(address).content
    assert b"no block yet" in before and b"no block yet" not in after and b"block 1, " in after


@pytest.mark.usefixtures("calm")
@pytest.mark.django_db(transaction=True)
def test_switching_anchoring_off_is_seen_at_once(campus: Campus, horizon: StubHorizon, settings: Settings) -> None:
    sealed_block(campus, campus.amira)
    anchor_newest()
    browser, address = signed_in(campus.admin), reverse("blockchain_statistics")
    assert rounds.run_now()
    for _time in range(3):
        seen(browser, address)
    settings.STELLAR_NETWORK = ""
    near.drop()  # As after a start.
    assert b"not sent to a public chain" in browser.get(address).content


def test_a_lag_is_that_from_sealing_to_confirmation(campus: Campus, horizon: StubHorizon) -> None:
    sealed_block(campus, campus.amira)
    figures = figures_of(campus.organisation.pk)
    before = anchored_figures(figures.share) if figures else None
    assert before and before.lag is None
    anchor_newest()
    after = anchored_figures(figures.share) if figures else None
    assert after and after.anchor and after.anchor.checkpoint and after.anchor.confirmed_at
    assert after.lag == after.anchor.confirmed_at - after.anchor.checkpoint.sealed_at


# --- Status -----------------------------------------------------------------------------------------------------------


def test_the_status_shows_the_newest_anchor_and_where_to_look_it_up(campus: Campus, horizon: StubHorizon) -> None:
    assert "none yet" in page(campus, "blockchain_status")
    sealed_block(campus, campus.amira)
    anchor_newest()
    shown, anchor = page(campus, "blockchain_status"), Anchor.objects.get()
    assert ACCOUNT in shown and f">{anchor.ledger}<" in shown and "Stellar, test network" in shown
    link = f'<a href="https://stellar.expert/explorer/testnet/tx/{anchor.transaction_hash}" rel="external noreferrer">'
    assert link in shown and "proves nothing for long" in shown and "the next try is on" not in shown


def test_the_status_names_what_stands_in_the_way(campus: Campus, horizon: StubHorizon) -> None:
    horizon.fault = "down"
    sealed_block(campus, campus.amira)
    for _time in range(2):
        anchor_newest()
    shown = page(campus, "blockchain_status", reader="amira")
    assert "does not answer." in shown and "It was tried 2 times; the next try is on" in shown
    assert "the newest block" in shown
    horizon.fault = "timeout"
    anchor_newest()
    assert Anchor.objects.get().transaction_hash in page(campus, "blockchain_status")


# --- By hand ----------------------------------------------------------------------------------------------------------


def test_whoever_has_a_block_explorer_can_check_it_by_hand(campus: Campus, horizon: StubHorizon) -> None:
    """As the documents say: the memo is the SHA-256 of what lies at the block's address."""
    import hashlib

    from attendance.stellar.envelopes import opened
    from attendance.stellar.networks import NETWORKS

    block = sealed_block(campus, campus.amira)
    anchor_newest()
    text = Client().get(reverse("checkpoint_of_block", args=[block.number])).content
    envelope = horizon.transactions[Anchor.objects.get().transaction_hash]["envelope_xdr"]
    assert opened(envelope, NETWORKS["testnet"]).memo == hashlib.sha256(text).digest()
