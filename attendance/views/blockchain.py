"""The ledger's pages: its blocks, one block, one entry, how far events came, and how it stands."""

from datetime import timedelta

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from attendance.access import SignedInRequest, readable_organisations, see_entry, signed_in
from attendance.caching.pages import cached_page
from attendance.queries.anchors import anchored_figures, anchoring_status
from attendance.queries.blocks import (
    block_holding,
    blocks_listed,
    entries_of_block,
    figures_of,
    figures_of_all,
    keys_of_the_log,
    waiting_now,
)
from attendance.queries.ledger import latest_block
from attendance.views import page_tags
from attendance.views.paging import PagesOfKeys

PAGE_SIZE = 50
_PLACE = {"current_place": "blockchain_statistics"}


@cached_page(
    "blockchain_statistics",
    scope="organisation",
    timeout=timedelta(seconds=settings.CACHE_TIMEOUT_BLOCKCHAIN_STATUS),
    tags=page_tags.blockchain_statistics,
)
@require_safe
@signed_in
def blockchain_statistics(request: SignedInRequest) -> HttpResponse:
    """Show how many of the organisation's events were recorded, sealed and anchored, as of its last block.

    Operators, who share their copies with nobody else, see the same of all organisations as well.
    """
    figures = figures_of(request.user.organisation_id)
    context = {
        "figures": figures,
        "anchored": anchored_figures(figures.share) if figures else None,
        "of_all": figures_of_all() if request.user.is_superuser else None,
    }
    return render(request, "blockchain/statistics.html", {**_PLACE, **context})


@require_safe
@signed_in
def block_list(request: SignedInRequest) -> HttpResponse:
    """List the blocks, newest first; `page` turns pages."""
    page = Paginator(blocks_listed(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "blockchain/blocks.html", {**_PLACE, "page": page})


@require_safe
@signed_in
def block_show(request: SignedInRequest, number: int) -> HttpResponse:
    """Show a block as it was signed, with those of its entries that the reader may see."""
    block = get_object_or_404(blocks_listed(), number=number)
    organisations = readable_organisations(request.user)
    entries = entries_of_block(block, organisations=organisations, person=request.user)
    page = PagesOfKeys(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "blockchain/block.html", {**_PLACE, "checkpoint": block, "page": page})


@require_safe
@signed_in
def entry_show(request: SignedInRequest, index: int) -> HttpResponse:
    """Show an entry: what was recorded, or what erased it, and what binds it to the log."""
    entry = see_entry(request.user, index)
    erasure = entry.event.erased_by
    context = {
        "entry": entry,
        "checkpoint": block_holding(index),
        "sees_erasure": erasure and erasure.organisation_id in readable_organisations(request.user),
    }
    return render(request, "blockchain/entry.html", {**_PLACE, **context})


@require_safe
@signed_in
def blockchain_status(request: SignedInRequest) -> HttpResponse:
    """Show how the ledger stands now: its last block, what waits, its keys, and what is switched off."""
    context = {"checkpoint": latest_block(), "waiting": waiting_now(), "keys": keys_of_the_log()}
    return render(request, "blockchain/status.html", {**_PLACE, **context, "anchoring": anchoring_status()})
