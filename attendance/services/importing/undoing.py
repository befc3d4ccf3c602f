"""Taking an import back: what it made goes, what it changed is as before, unless somebody has built on it since."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from attendance import clock
from attendance.importers.records import KINDS, Kind
from attendance.models import Attendance, AttendanceEvent, Import, ImportRow, Organisation, User
from attendance.services.importing.applying import change, known_of, remove, rows_by_kind, store
from attendance.services.importing.tables.base import DELETED, Fields, Key, Known, Table, referring
from attendance.services.refusals import Refusal

Action, State = ImportRow.Action, Import.State
log = logging.getLogger("lumina_learn")


def undo(*, applied: Import, actor: User | None) -> Import:
    """Make everything as it was before the import, in one transaction, and return the import as undone.

    The record is never erased: marks that came with the import are taken back by further events. The rows these events
    speak of stay for that reason, put away where that can be done.

    Raises:
        Refusal: it is not applied, or a row of it was changed or built on since, which the sentence names.
    """
    rows = rows_by_kind(applied)
    with transaction.atomic():
        held = _held(applied)
        undoing = _Undoing(known_of(held.organisation, rows, actor))
        for kind in reversed(KINDS):
            undoing.undo(kind, rows.get(kind, ()))
        held.state, held.undone_by, held.undone_at = State.UNDONE, actor, clock.now()
        held.save(update_fields=["state", "undone_by", "undone_at"])
    log.info("User %s undid import %s", actor.pk if actor else None, held.pk)
    return held


def _held(applied: Import) -> Import:
    Organisation.objects.select_for_update(no_key=True).get(pk=applied.organisation_id)
    held = Import.objects.select_for_update().get(pk=applied.pk)
    if held.state != State.APPLIED:
        raise Refusal(_("This import cannot be undone: it is “%(state)s”.") % {"state": held.get_state_display()})
    if not held.file_hash:
        raise Refusal(_("This import was applied before imports could be undone."))
    return held


class _Undoing:
    """Goes through the kinds of an import backwards, and remembers which rows have to stay."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._kept: dict[type[Model], set[int]] = defaultdict(set)

    def undo(self, kind: Kind, rows: Sequence[ImportRow]) -> None:
        table, known = self._known.tables[kind], self._known
        keys = [table.key_after(tuple(row.key), row.after, known) for row in rows]
        for key, row in zip(keys, rows, strict=True):
            _check(row, known.fields(kind).get(key))
        made = [key for key, row in zip(keys, rows, strict=True) if row.action == Action.NEW]
        if kind is Kind.MARK:
            self._kept[Attendance] = {known.row(kind, key).pk for key in made}
            remove(table, made, known)
        else:
            self._take_away(table, made)
        altered = [(key, row) for key, row in zip(keys, rows, strict=True) if row.action != Action.NEW]
        change(table, {key: row.before or {} for key, row in altered if row.after is not None}, known)
        back = {key: row.before or {} for key, row in altered if row.after is None}
        store(table, {key: (table.make(key, fields, known), fields) for key, fields in back.items()}, known)

    def _take_away(self, table: Table[Any], keys: Sequence[Key]) -> None:
        """Delete what the import has made; what the record speaks of is put away instead."""
        rows = {key: self._known.row(table.kind, key) for key in keys}
        _check_nobody_came(rows.values())
        held = self._held_by_the_record(rows)
        self._kept[table.model] = held
        kept = [key for key, row in rows.items() if row.pk in held]
        endings = {key: table.ending(self._known.fields(table.kind)[key], self._known) for key in kept}
        change(table, {key: fields for key, fields in endings.items() if fields is not DELETED}, self._known)
        remove(table, [key for key, row in rows.items() if row.pk not in held], self._known)

    def _held_by_the_record(self, rows: dict[Key, Any]) -> set[int]:
        """Return the ids of rows that events of this import, taken back by now, or rows kept for these refer to."""
        names = {row.pk: key for key, row in rows.items()}
        held = set()
        for pk, model, other in referring(rows.values()):
            if model is not AttendanceEvent and other not in self._kept[model]:
                sentence = _("“%(name)s” is in use by now, so the import cannot be undone.")
                raise Refusal(sentence % {"name": _name(names[pk])})
            held.add(pk)
        return held


def _check_nobody_came(rows: Iterable[Model]) -> None:
    """See that none of the people who would go has signed in."""
    for row in rows:
        if isinstance(row, User) and row.last_login is not None:
            raise Refusal(_("%(name)s has signed in since, so the import cannot be undone.") % {"name": row})


def _check(row: ImportRow, stored: Fields | None) -> None:
    """See that a row still is as the import has left it."""
    if row.after is None:
        as_left = stored is None
    else:
        as_left = stored is not None and all(stored[name] == value for name, value in row.after.items())
    if not as_left:
        sentence = _("“%(name)s” was changed since the import, so it cannot be undone as a whole.")
        raise Refusal(sentence % {"name": _name(row.key)})


def _name(key: Sequence[str]) -> str:
    return " ".join(filter(None, key))
