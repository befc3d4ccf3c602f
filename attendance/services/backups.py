"""Backing up: everything the installation keeps, as it was at one moment, in one file."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from attendance import clock
from attendance.archives import backups
from attendance.archives.backups import Description, TableContent, TableEntry
from attendance.archives.drafts import draft_of
from attendance.queries.snapshots import one_snapshot
from attendance.queries.tables import columns_of, migrations_applied, migrations_known, rows_of, tables_kept
from attendance.services.refusals import Refusal

Progress = Callable[[str, int], None]
"""Called with a table and how many of its rows are done, now and then and at its end."""
ROWS_BETWEEN_LINES = 100_000
_Row = TypeVar("_Row")


def back_up(*, path: Path, overwrite: bool, progress: Progress) -> list[TableEntry]:
    """Write a backup of everything that is kept and return which tables are in it, with the numbers of their rows.

    The file can be read by its owner alone, and gets its name once it is whole and on the disk.

    Raises:
        Refusal: there is such a file already and `overwrite` was not asked for, the file cannot be written, or the
            database does not have the tables of this version.
    """
    if path.exists() and not overwrite:
        raise Refusal(_("%(path)s is there already. Add --force to overwrite it.") % {"path": path})
    check_migrations()
    try:
        with draft_of(path) as file, one_snapshot(tables_kept()):
            entries = backups.write(file, _description(), _contents(progress))
    except OSError as error:
        raise Refusal(_("%(path)s cannot be written: %(why)s.") % {"path": path, "why": error.strerror}) from error
    return entries


def check_migrations() -> None:
    """Make sure that the database has the tables of this version.

    Raises:
        Refusal: it has those of an earlier or a later one.
    """
    if migrations_applied() != migrations_known():
        raise Refusal(_("The database does not have the tables of this version. Run migrate first."))


def _description() -> Description:
    return Description(
        made_at=clock.now().isoformat(timespec="seconds"),
        code_version=settings.CODE_VERSION,
        database=connection.vendor,
        migrations=migrations_applied(),
    )


def _contents(progress: Progress) -> Iterator[TableContent]:
    for model in tables_kept():
        table = model._meta.db_table
        columns = [str(field.column) for field in columns_of(model)]
        yield TableContent(table, columns, followed(rows_of(model), table, progress))


def followed(rows: Iterable[_Row], table: str, progress: Progress) -> Iterator[_Row]:
    """Yield the rows of a table, and say how many there were every now and then."""
    number = 0
    for number, row in enumerate(rows, start=1):
        yield row
        if number % ROWS_BETWEEN_LINES == 0:
            progress(table, number)
    if number % ROWS_BETWEEN_LINES or number == 0:
        progress(table, number)
