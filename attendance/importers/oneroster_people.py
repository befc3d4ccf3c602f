"""People of a OneRoster bundle: `users.csv`, whose roles stand in it (1.1) or in `roles.csv` (1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from attendance.importers.oneroster_orgs import Org
from attendance.importers.oneroster_rows import Book, Findings, UnfitRowError, fit, read_book, read_text
from attendance.importers.records import Kind, Place, Refused, Value
from attendance.importers.shapes import YES_NO, choice, email, text, username
from attendance.importers.tables import Row, Table
from attendance.importers.wording import shortened

STUDENT, TEACHER = "student", "teacher"
ROLES = {"student": STUDENT, "teacher": TEACHER, "aide": TEACHER, "proctor": TEACHER}
_ADMINISTRATORS = {"administrator", "districtadministrator", "siteadministrator", "systemadministrator", "principal"}
_FAMILY = {"guardian", "parent", "relative"}


@dataclass(frozen=True, slots=True)
class Person:
    """A user who was taken, as others name the person."""

    number: str
    ends: bool


@dataclass(frozen=True, slots=True)
class _Role:
    """What a person is, and where."""

    word: str
    org: str
    primary: bool = True
    ends: bool = False


@dataclass
class _Roles:
    """The roles of people by the `sourcedId` of their users, and the rows about them that were refused."""

    of: dict[str, list[_Role]] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)


def role_of(word: str, column: str) -> str:
    """Return what somebody of a role of OneRoster is here.

    Raises:
        UnfitRowError: nobody of that role is imported.
    """
    lower = word.casefold()
    if lower in ROLES:
        return ROLES[lower]
    if lower in _ADMINISTRATORS:
        raise UnfitRowError(column, _("Administrators are invited, not imported."))
    if lower in _FAMILY:
        raise UnfitRowError(column, _("Guardians, parents and relatives of students have no account here."))
    raise UnfitRowError(
        column,
        _("The role “%(role)s” has no place here. Students, teachers, aides and proctors are imported.")
        % {"role": shortened(word)},
    )


def read_people(tables: Mapping[str, Table], orgs: Book[Org] | None, findings: Findings) -> Book[Person]:
    """Return the people of a bundle by `sourcedId`, and put their records and refusals among the findings."""
    users = tables.get("users")
    if users is None:
        return Book("users.csv")
    roles = _roles(tables.get("roles"), users, orgs, findings)
    reader = _Users(users.file, roles, orgs, findings)
    return read_book(users, findings, reader.read)


# --- Roles ------------------------------------------------------------------------------------------------------


def _roles(table: Table | None, users: Table, orgs: Book[Org] | None, findings: Findings) -> _Roles:
    roles = _Roles()
    if table is None:
        for row in users.rows:
            if row.cells.get("role"):
                roles.of.setdefault(row.cells.get("sourcedId", ""), [_own_role(row)])
        return roles
    known = {row.cells.get("sourcedId", "") for row in users.rows}
    user_of = {row.cells.get("sourcedId", ""): row.cells.get("userSourcedId", "") for row in table.rows}

    def read(row: Row) -> None:
        user = read_text(row, "userSourcedId", str)
        if user not in known:
            values = {"id": shortened(user), "file": users.file}
            raise UnfitRowError("userSourcedId", _("“%(id)s” does not stand in %(file)s.") % values)
        org = row.cells.get("orgSourcedId", "")
        if org and orgs is not None:
            orgs.look_up(org, "orgSourcedId")
        word = read_text(row, "role", text(60))
        primary = row.cells.get("roleType", "").casefold() != "secondary"
        roles.of.setdefault(user, []).append(_Role(word, org, primary, findings.ends(row)))

    book = read_book(table, findings, read)
    roles.refused = {user_of[each]: refused for each, refused in book.refused.items()}
    return roles


def _own_role(row: Row) -> _Role:
    return _Role(row.cells["role"], row.cells.get("orgSourcedIds", "").partition(",")[0].strip())


# --- Users ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Users:
    """Makes people of users."""

    file: str
    roles: _Roles
    orgs: Book[Org] | None
    findings: Findings

    def read(self, row: Row) -> Person:
        ends = self.findings.ends(row)
        column = "identifier" if row.cells.get("identifier") else "sourcedId"
        number = read_text(row, column, text(40))
        role = self._role(row, ends=ends)
        fields = {} if ends or role is None else self._fields(row, role)
        self.findings.add(Kind.PERSON, (number,), Place(self.file, row.line), fields, ends=ends)
        return Person(number, ends)

    def _role(self, row: Row, *, ends: bool) -> _Role | None:
        """Return the first role that is imported, primary ones before others; none when somebody without one ends."""
        every = self.roles.of.get(row.cells["sourcedId"], [])
        roles = sorted((role for role in every if ends or not role.ends), key=lambda role: not role.primary)
        for role in roles:
            if role.word.casefold() in ROLES:
                return role
        if roles:
            role_of(roles[0].word, "role")
        if ends and not every:
            return None
        raise self._without_role(row)

    def _without_role(self, row: Row) -> UnfitRowError:
        refused = self.roles.refused.get(row.cells["sourcedId"])
        if refused is None:
            return UnfitRowError("role", _("Nothing says whether this is a student or a teacher."))
        values = {"line": refused.place.line, "file": refused.place.file, "reason": refused.reason}
        return UnfitRowError("role", _("The role in line %(line)s of %(file)s was refused: %(reason)s") % values)

    def _fields(self, row: Row, role: _Role) -> dict[str, Value]:
        fields: dict[str, Value] = {
            "role": ROLES[role.word.casefold()],
            "family_name": read_text(row, "familyName", text(100)),
        }
        for name, column, shape in (
            ("given_name", "givenName", text(100)),
            ("username", "username", username),
            ("email", "email", email),
            ("active", "enabledUser", choice(YES_NO)),
        ):
            if cell := row.cells.get(column):
                fields[name] = fit(cell, column, shape)
        department = self._department(row, role)
        return fields if department is None else {**fields, "department": department}

    def _department(self, row: Row, role: _Role) -> str | None:
        org = role.org or row.cells.get("primaryOrgSourcedId", "")
        if not org or self.orgs is None:
            return None
        found = self.orgs.look_up(org, "orgSourcedIds" if "orgSourcedIds" in row.cells else "primaryOrgSourcedId")
        return found.department
