"""What an import needs to know before it starts, and what it found, counted and row by row."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta

from django.db.models import QuerySet

from attendance import clock
from attendance.models import Import, ImportRow, Organisation, Term

INTERRUPTED_AFTER = timedelta(seconds=30)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def term_named(*, organisation_slug: str, name: str) -> Term | None:
    """Return the organisation's term of that name, or None where either of them does not exist."""
    return Term.objects.filter(organisation__slug=organisation_slug, name=name).select_related("organisation").first()


def terms_of(organisation: Organisation) -> QuerySet[Term]:
    """Return the terms of an organisation, the latest first."""
    return Term.objects.filter(organisation=organisation).order_by("-first_day", "pk")


def imports_of(organisation: Organisation) -> QuerySet[Import]:
    """Return the imports into an organisation, the latest first, with whoever prepared, applied and undid them."""
    return Import.objects.filter(organisation=organisation).select_related("prepared_by", "applied_by", "undone_by")


def is_interrupted(started: Import) -> bool:
    """Say whether the comparison stands still although it has not ended: the process that did it is gone."""
    return started.state == Import.State.PREPARING and clock.now() - started.touched_at > INTERRUPTED_AFTER


def compared_so_far(number: int) -> tuple[int, int]:
    """Return how many records of an import are compared, and how many there are; 0 while the file is being read."""
    return Import.objects.values_list("compared", "records").get(pk=number)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a file are of which action; `same` ones need none."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    same: int = 0
    refused: int = 0

    @property
    def changes(self) -> int:
        """How many rows applying touches."""
        return self.new + self.changed + self.gone

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Tally)))


def tallies_of(held: Import) -> dict[str, Tally]:
    """Return the counts of an import by kind of row; rows that were refused before they had one stand under ``""``."""
    return {kind: Tally(**counts) for kind, counts in held.counts.items()}


def tally_of(held: Import) -> Tally:
    """Return the counts of an import over all kinds."""
    return sum(tallies_of(held).values(), Tally())


def rows_of(held: Import, *, action: str, kind: str = "") -> QuerySet[ImportRow]:
    """Return the rows of an import with that action, in the order of the file; `kind` narrows them to one."""
    rows = ImportRow.objects.filter(of=held, action=action).order_by("id")
    return rows.filter(kind=kind) if kind else rows


def has_changing_rows(held: Import) -> bool:
    """Say whether it is kept what the import changes: of those of the first days only counts are."""
    return ImportRow.objects.filter(of=held).exclude(action=ImportRow.Action.REFUSED).exists()


def refused_lines(held: Import) -> Iterator[list[str]]:
    """Yield a heading and the refused rows, cell by cell, such that a spreadsheet takes no text for a formula.

    Such a text gets an apostrophe in front, as OWASP's page "CSV Injection" advises.
    """
    yield ["file", "line", "field", "reason"]
    rows = rows_of(held, action=ImportRow.Action.REFUSED).values_list("file", "line", "field", "reason")
    for file, line, field, reason in rows.iterator():
        yield [_harmless(file), str(line or ""), _harmless(field), _harmless(reason)]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
