"""The files of a OneRoster bundle as tables, as far as they are read, and what its manifest says of them.

Format: 1EdTech OneRoster CSV Tables 1.1 (https://www.imsglobal.org/oneroster-v11-final-csv-tables) and CSV Binding 1.2
(https://www.imsglobal.org/spec/oneroster/v1p2/bind/csv).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from attendance.importers.bundle import Bundle
from attendance.importers.records import UnreadableError
from attendance.importers.tables import Columns, Table, check_together, header_of, read_table
from attendance.importers.wording import listed, shortened

MANIFEST = "manifest.csv"
VERSIONS = ("1.1", "1.2")
DELIVERED = ("bulk", "delta")

_BOTH: Mapping[str, Columns] = {
    "orgs": Columns(("sourcedId", "name"), ("status", "type"), ("dateLastModified", "identifier", "parentSourcedId")),
    "academicSessions": Columns(
        ("sourcedId", "title", "type", "startDate", "endDate"),
        ("status",),
        ("dateLastModified", "parentSourcedId", "schoolYear"),
    ),
    "courses": Columns(
        ("sourcedId", "title"),
        ("status", "courseCode", "orgSourcedId"),
        ("dateLastModified", "schoolYearSourcedId", "grades", "subjects", "subjectCodes"),
    ),
    "classes": Columns(
        ("sourcedId", "title", "courseSourcedId", "termSourcedIds"),
        ("status", "classCode", "schoolSourcedId"),
        ("dateLastModified", "grades", "classType", "location", "subjects", "subjectCodes", "periods"),
    ),
    "enrollments": Columns(
        ("sourcedId", "classSourcedId", "userSourcedId", "role"),
        ("status", "primary", "beginDate", "endDate"),
        ("dateLastModified", "schoolSourcedId"),
    ),
}
_USER = ("status", "enabledUser", "username", "givenName", "identifier", "email")
_USER_UNREAD = ("dateLastModified", "userIds", "middleName", "sms", "phone", "agentSourcedIds", "grades", "password")
_OF_VERSION: Mapping[str, Mapping[str, Columns]] = {
    "1.1": {
        **_BOTH,
        "users": Columns(("sourcedId", "familyName", "role"), (*_USER, "orgSourcedIds"), _USER_UNREAD),
    },
    "1.2": {
        **_BOTH,
        "users": Columns(
            ("sourcedId", "familyName"),
            (*_USER, "primaryOrgSourcedId"),
            (
                *_USER_UNREAD,
                "userMasterIdentifier",
                "preferredGivenName",
                "preferredMiddleName",
                "preferredFamilyName",
                "pronouns",
            ),
        ),
        "roles": Columns(
            ("sourcedId", "userSourcedId", "role"),
            ("status", "roleType", "orgSourcedId"),
            ("dateLastModified", "beginDate", "endDate", "userProfileSourcedId"),
        ),
    },
}


@dataclass(frozen=True)
class Delivery:
    """What was delivered: the version, the tables by their names in the standard, and sentences about the rest."""

    version: str
    tables: Mapping[str, Table]
    notes: tuple[str, ...]


def read_delivery(bundle: Bundle) -> Delivery:
    """Return the tables of a bundle that are read.

    Raises:
        UnreadableError: no manifest, another version, a file missing that the manifest names, or one that is no table.
    """
    names = {name.casefold(): name for name in bundle}
    properties = _manifest(bundle, names)
    version = properties.get("oneroster.version", "")
    if version not in VERSIONS:
        raise UnreadableError(
            _("The manifest names version “%(version)s” of OneRoster; 1.1 and 1.2 can be read.")
            % {"version": shortened(version)}
        )
    _check_delivered(properties, names)
    found = {stem: names[_file(stem)] for stem in _OF_VERSION[version] if _file(stem) in names}
    if not found:
        raise UnreadableError(_("None of the files of OneRoster is in it."))
    tables: dict[str, Table] = {}
    for stem, file in found.items():
        tables[stem] = read_table(bundle[file], file, _OF_VERSION[version][stem])
        check_together(tables.values())
    return Delivery(version, tables, tuple(_notes(bundle, properties, found)))


def _file(stem: str) -> str:
    return f"{stem}.csv".casefold()


def _manifest(bundle: Bundle, names: Mapping[str, str]) -> dict[str, str]:
    if MANIFEST not in names:
        raise UnreadableError(_("There is no manifest.csv in it, which says what a OneRoster bundle holds."))
    table = read_table(bundle[names[MANIFEST]], names[MANIFEST], Columns(("propertyName", "value")))
    return {row.cells["propertyName"]: row.cells.get("value", "") for row in table.rows}


def _check_delivered(properties: Mapping[str, str], names: Mapping[str, str]) -> None:
    for name, value in properties.items():
        stem = name.removeprefix("file.")
        if stem != name and value.casefold() in DELIVERED and _file(stem) not in names:
            raise UnreadableError(
                _("The manifest says that %(file)s is delivered, and it is not there.")
                % {"file": f"{shortened(stem)}.csv"}
            )


def _notes(bundle: Bundle, properties: Mapping[str, str], found: Mapping[str, str]) -> Iterable[str]:
    for stem, file in found.items():
        if properties.get(f"file.{stem}", "").casefold() not in DELIVERED:
            yield _("The manifest does not announce %(file)s; it was read all the same.") % {"file": file}
    others = [name for name in bundle if name.casefold() != MANIFEST and name not in found.values()]
    if others:
        yield _("Not read: %(files)s.") % {"files": listed(others)}
    if "users" in found and "password" in (name.casefold() for name in header_of(bundle[found["users"]], "")):
        yield _("Passwords in %(file)s are never read.") % {"file": found["users"]}
