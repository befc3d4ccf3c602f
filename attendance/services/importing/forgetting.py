"""Taking a person out of what imports keep: the rows that brought or changed them, and sentences that quote them."""

import re

from django.db.models import Q, QuerySet

from attendance.importers.records import Kind
from attendance.models import Import, ImportRow
from attendance.services.personal_rows import Names

Action = ImportRow.Action
_NUMBER_STANDS_AT = {Kind.PERSON: 0, Kind.ENROLMENT: 2, Kind.STAFF: 2, Kind.MARK: 4}
"""Where in its key a row has the number of its person, as `attendance.importers.records` spells keys."""


def forget_in_imports(names: Names) -> None:
    """Delete an organisation's rows of imports that are about a person, and the sentences that quote them.

    What was counted stays counted. An import that is applied later does not bring the person back, and one that is
    undone leaves what it brought of the person as it is.
    """
    own = Import.objects.filter(organisation=names.organisation)
    rows = ImportRow.objects.filter(of__in=own)
    rows.filter(_about(names)).delete()
    rows.filter(action=Action.REFUSED, reason__iregex=names.pattern).delete()
    _forget_sentences(own, names)


def _about(names: Names) -> Q:
    about = Q()
    for side in ("before", "after"):
        about |= Q(kind=Kind.PERSON) & Q(**{f"{side}__username__iexact": names.username})
        if names.email:
            about |= Q(kind=Kind.PERSON) & Q(**{f"{side}__email__iexact": names.email})
    if names.number:
        for kind, place in _NUMBER_STANDS_AT.items():
            about |= Q(kind=kind) & Q(**{f"key__{place}": names.number})
    return about


def _forget_sentences(own: QuerySet[Import], names: Names) -> None:
    for held in own.only("notes", "problem", "file_name"):
        kept = [note for note in held.notes if not _quotes(note, names)]
        problem = "" if _quotes(held.problem, names) else held.problem
        file_name = "–" if _quotes(held.file_name, names) else held.file_name
        if (kept, problem, file_name) != (held.notes, held.problem, held.file_name):
            held.notes, held.problem, held.file_name = kept, problem, file_name
            held.save(update_fields=["notes", "problem", "file_name"])


def _quotes(text: object, names: Names) -> bool:
    return re.search(names.pattern, str(text), re.IGNORECASE) is not None
