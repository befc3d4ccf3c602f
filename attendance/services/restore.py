"""Restoring: what a backup holds takes the place of everything that is kept, all at once or not at all."""

from collections.abc import Sequence

from django.contrib.contenttypes.models import ContentType
from django.db import Error, connection, transaction
from django.utils.translation import gettext as _

from attendance.archives.backups import Backup, Description
from attendance.cache_utils import CacheManager
from attendance.models import Organisation
from attendance.queries.tables import columns_of, migrations_known, tables, tables_kept
from attendance.services.backups import Progress, check_migrations, followed
from attendance.services.refusals import Refusal
from attendance.services.restore_tables import empty, fill, number_on, tables_to_oneself


def restore(*, backup: Backup, replace: bool, progress: Progress) -> int:
    """Put the rows of a backup into the database, with the keys they had, and return how many there are.

    The backup was read to its end before the first write. Everything happens in one transaction, up to a new identity
    of the database for the cache: whatever was kept before, in Redis or in any process, is served no more. Nobody is
    signed in afterwards, and failed attempts are forgotten.

    Args:
        backup: an open one.
        replace: whether what is there may go; without it there must be no organisation.
        progress: told how far it is.

    Raises:
        Refusal: the backup is of another version, something is there that may not go, others do not let go of the
            database, or it does not take a row. Nothing was changed.
        UnreadableError: the backup is damaged. Nothing was changed.
    """
    check_migrations()
    _check_version(backup.description)
    _check_columns(backup)
    backup.check_tables()
    everything = [model for model in tables() if model._meta.managed]
    try:
        with transaction.atomic(durable=True), tables_to_oneself(everything):
            if not replace and Organisation.objects.exists():
                raise Refusal(_("There are organisations already. Add --replace to lose all that is stored now."))
            empty(everything)
            _fill_all(backup, progress)
            connection.check_constraints()
            number_on(everything)
            CacheManager.clear_all()
    except Error as error:
        why = str(error).partition("\n")[0]
        raise Refusal(_("Nothing was changed. The database said: %(why)s") % {"why": why}) from error
    ContentType.objects.clear_cache()
    return sum(table.rows for table in backup.tables)


def _fill_all(backup: Backup, progress: Progress) -> None:
    models = {model._meta.db_table: model for model in tables_kept()}
    for table in backup.tables:
        fill(models[table.name], followed(backup.rows(table), table.name, progress))


def _check_version(made_by: Description) -> None:
    known = migrations_known()
    if list(made_by.migrations) == known:
        return
    names = {
        "version": made_by.code_version,
        "day": made_by.made_at[:10],
        "theirs": _last_of_ours(made_by.migrations),
        "ours": _last_of_ours(known),
    }
    raise Refusal(
        _(
            "The backup of %(day)s was made by version %(version)s, whose tables are those of %(theirs)s; here they "
            "are those of %(ours)s. Restore it with that version, then run migrate with this one."
        )
        % names
    )


def _last_of_ours(migrations: Sequence[str]) -> str:
    return max((name for name in migrations if name.startswith("attendance.")), default="-").partition(".")[2]


def _check_columns(backup: Backup) -> None:
    expected = {model._meta.db_table: [field.column for field in columns_of(model)] for model in tables_kept()}
    if {table.name: list(table.columns) for table in backup.tables} != expected:
        raise Refusal(_("The backup has other tables or columns than this version."))
