"""Comparing a file with what is stored, and keeping what applying it would change. Nothing else is changed here."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection, transaction
from django.utils.translation import get_language, gettext, override

from attendance import clock
from attendance.importers.records import Reading, UnreadableError
from attendance.models import Import, ImportRow, Organisation, User
from attendance.services.importing.comparison import Comparison, compare
from attendance.services.refusals import Refusal

State = Import.State
BATCH = 1000
KEPT = timedelta(days=30)
BEAT_SECONDS = 10
log = logging.getLogger("lumina_learn")

comparing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="comparing imports")
"""Compares files that were sent by browsers, one after the other; the process ends only when it is done."""


def begin(*, organisation: Organisation, source: str, file_name: str, file_hash: str, actor: User | None) -> Import:
    """Store and return an import that is about to be compared; `file_hash` is the SHA-256 of the file in hex.

    Others of the institution that nobody has applied for thirty days go.
    """
    never_applied = Import.objects.filter(organisation=organisation, applied_at=None)
    never_applied.filter(prepared_at__lt=clock.now() - KEPT).delete()
    return Import.objects.create(
        organisation=organisation,
        source=source,
        file_name=file_name[:255],
        file_hash=file_hash,
        prepared_by=actor,
    )


def prepare(*, started: Import, read: Callable[[], Reading], complete: bool = False) -> Import:
    """Read a file, keep each row that it would change and each that is refused, and return the import.

    It ends up `prepared`, or `failed` with a sentence when the file cannot be read. Rows are stored in short
    transactions, so nobody waits for it; whoever looks sees how far it is. `complete` is as in `compare`.
    """
    try:
        reading = read()
    except UnreadableError as error:
        return _failed(started, str(error))
    started.records = len(reading.records) + len(reading.refused)
    started.notes = list(reading.notes)
    comparison = compare(organisation=started.organisation, reading=reading, complete=complete)
    try:
        _keep(started, comparison)
    except _PutAside:
        return started
    started.state, started.compared = State.PREPARED, started.records
    _touch(started, comparison)
    return started


class _PutAside(Exception):
    """Somebody discarded the import while it was being compared."""


def _keep(started: Import, comparison: Comparison) -> None:
    rows: list[ImportRow] = []
    for number, row in enumerate(comparison.rows(), start=1):
        if row is not None:
            row.of = started
            rows.append(row)
        if number % BATCH == 0:
            started.compared = min(number, started.records)
            _store(started, rows, comparison)
            rows = []
    _store(started, rows, comparison)


def _store(started: Import, rows: list[ImportRow], comparison: Comparison) -> None:
    with transaction.atomic():
        ImportRow.objects.bulk_create(rows)
        _touch(started, comparison)


def _touch(started: Import, comparison: Comparison) -> None:
    """Store how far an import is, unless somebody put it aside meanwhile."""
    started.touched_at = clock.now()
    started.counts = {kind: dict(counts) for kind, counts in comparison.counts.items()}
    fields = ("records", "compared", "notes", "counts", "state", "touched_at")
    open_one = Import.objects.filter(pk=started.pk, state=State.PREPARING)
    if not open_one.update(**{name: getattr(started, name) for name in fields}):
        raise _PutAside


def _failed(started: Import, problem: str) -> Import:
    started.state, started.problem, started.touched_at = State.FAILED, problem, clock.now()
    started.save(update_fields=["state", "problem", "touched_at"])
    return started


def prepare_later(*, started: Import, read: Callable[[], Reading], complete: bool = False) -> None:
    """Compare a file in the background, in the language of the reader who sent it.

    While it waits for its turn and while it is read, it is touched from time to time, so that whoever looks can tell
    that this process lives.
    """
    ended = threading.Event()
    threading.Thread(target=_beat, args=(started.pk, ended), daemon=True, name="import under way").start()
    comparing.submit(_in_background, started, read, complete, get_language()).add_done_callback(lambda _: ended.set())


def _beat(import_id: int, ended: threading.Event) -> None:
    while not ended.wait(BEAT_SECONDS):
        Import.objects.filter(pk=import_id, state=State.PREPARING).update(touched_at=clock.now())
    connection.close()


def _in_background(started: Import, read: Callable[[], Reading], complete: bool, language: str | None) -> None:
    with override(language):
        try:
            prepare(started=started, read=read, complete=complete)
        except Exception:
            # Whoever waits for it has to hear of it: there is nobody above to raise this to.
            log.exception("Import %s could not be compared", started.pk)
            _failed(started, gettext("Something went wrong on our side while the file was compared. It is logged."))
        finally:
            connection.close()


def discard(*, prepared: Import, actor: User | None) -> Import:
    """Put an import aside that was not applied, with its rows, and return it.

    Raises:
        Refusal: it was applied.
    """
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=prepared.pk)
        if held.state in (State.APPLIED, State.UNDONE):
            raise Refusal(gettext("This import was applied, so it cannot be put aside. Undo it instead."))
        held.rows.all().delete()
        held.state = State.DISCARDED
        held.save(update_fields=["state"])
    log.info("User %s put import %s aside", actor.pk if actor else None, held.pk)
    return held
