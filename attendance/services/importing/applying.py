"""Doing what a comparison has shown: all of it in one short transaction, or nothing."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from attendance import clock
from attendance.importers.records import Kind
from attendance.models import Import, ImportRow, Organisation, User
from attendance.services.importing.tables import tables
from attendance.services.importing.tables.base import Fields, Key, Known, LostRowError, Table
from attendance.services.refusals import Refusal

Action, State = ImportRow.Action, Import.State
log = logging.getLogger("lumina_learn")
RowsByKind = Mapping[Kind, Sequence[ImportRow]]


class StaleRefusal(Refusal):
    """What is stored is no longer what the file was compared with."""

    def __init__(self, row: ImportRow | None = None) -> None:
        name = " ".join(filter(None, row.key)) if row else ""
        if name:
            sentence = _("“%(name)s” was changed since this file was compared. Compare it again.") % {"name": name}
        else:
            sentence = _("Something was changed since this file was compared. Compare it again.")
        super().__init__(sentence)


def apply(*, prepared: Import, file_hash: str, actor: User | None) -> Import:
    """Change what the comparison of this very file has shown, and return the import as applied.

    Without an actor, marks are answered for by the first administrator of the institution. New rows are built before
    the transaction, so that on SQLite, where one writes at a time, others wait for little more than their storing.

    Raises:
        Refusal: it is not ready to be applied, or the hash is another file's.
        StaleRefusal: a row is no longer as it was when the file was compared; compare again.
    """
    rows = rows_by_kind(prepared)
    try:
        made = _built(known_of(prepared.organisation, rows, actor), rows)
        with transaction.atomic():
            held = _held(prepared, file_hash)
            known = known_of(held.organisation, rows, actor)
            for kind, table in known.tables.items():
                _apply_kind(table, rows.get(kind, ()), made.get(kind, {}), known)
            held.state, held.applied_by, held.applied_at = State.APPLIED, actor, known.moment
            held.save(update_fields=["state", "applied_by", "applied_at"])
    except (IntegrityError, LostRowError) as error:
        log.warning("Import %s no longer fits what is stored: %s", prepared.pk, error)
        raise StaleRefusal from error
    log.info("User %s applied import %s", actor.pk if actor else None, held.pk)
    return held


def carry_out(organisation: Organisation, rows: RowsByKind) -> None:
    """Do what a comparison has shown within the caller's transaction, in which it was made."""
    known = known_of(organisation, rows, None)
    made = _built(known, rows)
    for kind, table in known.tables.items():
        _apply_kind(table, rows.get(kind, ()), made.get(kind, {}), known)


def rows_by_kind(of: Import) -> dict[Kind, list[ImportRow]]:
    """Return the rows of an import that change something, by kind."""
    found: dict[Kind, list[ImportRow]] = {}
    for row in of.rows.exclude(action=Action.REFUSED).iterator(chunk_size=2000):
        found.setdefault(Kind(row.kind), []).append(row)
    return found


def known_of(organisation: Organisation, rows: RowsByKind, actor: User | None) -> Known:
    """Return the rows that an import has to do with, and the people and moment that it goes by."""
    below = [Kind.OFFERING, Kind.SECTION, Kind.ENROLMENT, Kind.MEETING, Kind.LECTURE, Kind.STAFF, Kind.MARK]
    named = {(row.key[0], row.key[1]) for kind in below for row in rows.get(kind, ())}
    organisation = Organisation.objects.get(pk=organisation.pk)
    known = Known(organisation, clock.now(), named, tables())
    moved = [row.after["time_zone"] for row in rows.get(Kind.INSTITUTION, ()) if row.after and "time_zone" in row.after]
    known.zone = ZoneInfo(moved[0]) if moved else organisation.zone
    administrators = User.objects.filter(organisation=organisation, role=User.Role.ADMIN, is_active=True)
    known.actor = actor or administrators.order_by("pk").first()
    return known


def _held(prepared: Import, file_hash: str) -> Import:
    """Return the import, which may be applied, held together with its institution against others who import into it.

    Whoever only refers to the institution, as each mark does, need not wait for that.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=prepared.organisation_id)
    held = Import.objects.select_for_update().get(pk=prepared.pk)
    if held.state != State.PREPARED:
        raise Refusal(_("This import cannot be applied: it is “%(state)s”.") % {"state": held.get_state_display()})
    if held.file_hash != file_hash:
        raise Refusal(_("This is not the file that was compared. Compare it first."))
    return held


def _built(known: Known, rows: RowsByKind) -> dict[Kind, dict[Key, Any]]:
    """Return the new rows of an import by kind and key, not yet stored; they refer to each other already."""
    built: dict[Kind, dict[Key, Any]] = {}
    for kind, table in known.tables.items():
        wanted = {tuple(row.key): row.after or {} for row in rows.get(kind, ()) if row.action == Action.NEW}
        if wanted:
            built[kind] = {key: table.make(key, fields, known) for key, fields in wanted.items()}
            known.add(kind, built[kind])
    return built


def _apply_kind(table: Table[Any], rows: Sequence[ImportRow], made: Mapping[Key, Any], known: Known) -> None:
    fields_of = {(row.action, tuple(row.key)): row.after for row in rows}
    for row in rows:
        _check(row, known.fields(table.kind).get(tuple(row.key)))
    store(table, {key: (row, fields_of[Action.NEW, key] or {}) for key, row in made.items()}, known)
    altered = {key: after for (action, key), after in fields_of.items() if action != Action.NEW}
    change(table, {key: after for key, after in altered.items() if after is not None}, known)
    remove(table, [key for key, after in altered.items() if after is None], known)


def _check(row: ImportRow, stored: Fields | None) -> None:
    """See that a row is stored as it was compared."""
    if row.action == Action.NEW:
        if stored is not None:
            raise StaleRefusal(row)
    elif stored is None or any(stored[name] != value for name, value in (row.before or {}).items()):
        raise StaleRefusal(row)


def store(table: Table[Any], made: Mapping[Key, tuple[Any, Fields]], known: Known) -> None:
    """Store new rows with their fields, and let those after them find them."""
    if made:
        rows = {key: row for key, (row, _fields) in made.items()}
        table.store(list(made.values()), known)
        known.add(table.kind, rows)


def change(table: Table[Any], wanted: Mapping[Key, Fields], known: Known) -> None:
    """Give rows other fields."""
    if wanted:
        table.store_changes([(known.row(table.kind, key), fields) for key, fields in wanted.items()], known)


def remove(table: Table[Any], keys: Sequence[Key], known: Known) -> None:
    """Delete rows."""
    if keys:
        table.delete([known.rows(table.kind).pop(key) for key in keys], known)
