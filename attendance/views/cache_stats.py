"""How the cache does: its state, its figures against their targets, and why entries ended. Never cached itself.

Administrators see the part of their own organisation; operators see all of it, or that of one they choose.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from attendance import clock
from attendance.access import SignedInRequest, cache_scope, signed_in
from attendance.caching import figures
from attendance.models import Organisation
from attendance.queries.cache_figures import ResourceRow, most_ending_writes, resource_rows, samples_of
from attendance.queries.organisations import all_organisations
from attendance.views import cache_words
from attendance.views.durations import duration

PLACE = {"current_place": "institution_edit"}


@never_cache
@require_safe
@signed_in
def cache_stats(request: SignedInRequest) -> HttpResponse:
    """Show state and figures; for operators `organisation` chooses whose, and `resource` whose entries are listed."""
    return render(request, "attendance/cache_stats.html", {**_context(request), **PLACE})


@never_cache
@require_safe
@signed_in
def cache_stats_live(request: SignedInRequest) -> HttpResponse:
    """Return the part of that page that changes, for the script that fetches it again and again."""
    return render(request, "attendance/_cache_stats.html", _context(request))


def _context(request: SignedInRequest) -> dict[str, Any]:
    organisation = cache_scope(request.user, request.GET.get("organisation", ""))
    health, rows = figures.health(), resource_rows(organisation)
    return {
        "organisation": organisation,
        "organisations": _choice(request),
        "health": health,
        "notice": cache_words.notice(health),
        "facts": cache_words.facts(health),
        "is_shared": figures.is_shared(),
        "processes": cache_words.processes(health) if request.user.is_superuser else (),
        "rows": [ShownRow.of(row) for row in rows],
        "total": Total.of(rows),
        "legend": cache_words.legend(),
        "writes": most_ending_writes(rows),
        "as_of": clock.now(),
        **_entries(request, rows, organisation),
    }


def _choice(request: SignedInRequest) -> "QuerySet[Organisation] | tuple[()]":
    """Return the organisations an operator may choose from."""
    return all_organisations() if request.user.is_superuser else ()


def _entries(request: SignedInRequest, rows: list[ResourceRow], organisation: Organisation | None) -> dict[str, Any]:
    """Return some entries of a resource, for operators: the name of an entry may tell who reads it, and what."""
    kept = [row.resource for row in rows if row.counted.entries]
    if not request.user.is_superuser or not kept:
        return {}
    wanted = request.GET.get("resource", "")
    chosen = wanted if wanted in kept else kept[0]
    samples = [cache_words.entry(sample) for sample in samples_of(chosen, organisation)]
    return {"chosen": chosen, "kept": kept, "samples": samples}


# --- As shown ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownRow:
    """A resource's row with what the template says in words."""

    row: ResourceRow
    share: Fraction | None
    parts: list[cache_words.Part]
    causes: str
    load: str

    @classmethod
    def of(cls, row: ResourceRow) -> "ShownRow":
        """Put a row into words."""
        parts, seconds = cache_words.parts(row.counted), row.counted.load_seconds
        return cls(
            row=row,
            share=Fraction(row.counted.hits, row.answers) if row.answers else None,
            parts=parts,
            causes=cache_words.most_of(parts),
            load="–" if seconds is None else duration(seconds),
        )


@dataclass(frozen=True)
class Total:
    """All resources together."""

    hits: int
    answers: int
    entries: int
    saved: str

    @property
    def share(self) -> Fraction | None:
        """The share of hits; None when nothing was read."""
        return Fraction(self.hits, self.answers) if self.answers else None

    @classmethod
    def of(cls, rows: list[ResourceRow]) -> "Total":
        """Add rows up."""
        return cls(
            hits=sum(row.counted.hits for row in rows),
            answers=sum(row.answers for row in rows),
            entries=sum(row.counted.entries for row in rows),
            saved=cache_words.time_saved(rows),
        )
