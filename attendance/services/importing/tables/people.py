"""People, told apart by number. Administrators are invited and never imported."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from attendance.importers.records import Kind
from attendance.models import User
from attendance.services.importing.tables.base import Fields, Key, Known, Objection, Reference, Table, simply


class PersonTable(Table[User]):
    """People with a number; new ones cannot log in until they are let in by a link, a code or their institution."""

    kind = Kind.PERSON
    model = User
    columns = {
        "role": "role",
        "username": "username",
        "email": "email",
        "given_name": "given_name",
        "family_name": "family_name",
        "active": "is_active",
    }
    defaults = {"email": "", "given_name": "", "department": None, "active": True}
    required = ("role", "family_name")

    def __init__(self) -> None:
        self._names = _Names()

    def stored(self, known: Known) -> Iterable[User]:
        people = User.objects.filter(organisation=known.organisation).exclude(number="")
        self._names = _Names.of(known)
        return people.select_related("department")

    def key(self, row: User, known: Known) -> Key:
        return (row.number,)

    def fields(self, row: User, known: Known) -> Fields:
        return {
            "role": row.role,
            "username": row.username,
            "email": row.email,
            "given_name": row.given_name,
            "family_name": row.family_name,
            "department": row.department.name if row.department else None,
            "active": row.is_active,
        }

    def references(self, key: Key, fields: Fields) -> Iterator[Reference]:
        if fields.get("department"):
            yield Reference("department", Kind.DEPARTMENT, (str(fields["department"]),))

    def completed(self, key: Key, fields: Fields, known: Known) -> Fields:
        """Give a person without a user name the number, or where somebody has that, the institution before it."""
        wish = str(fields.get("username") or key[0].lower())
        username = wish if self._names.is_free(wish, key) else f"{known.organisation.slug}-{wish}"
        return {**self.defaults, **fields, "username": username}

    def objection(self, key: Key, fields: Fields, before: Fields | None, known: Known) -> Objection | None:
        stored = known.rows(Kind.PERSON).get(key)
        if stored is not None and (stored.role == User.Role.ADMIN or stored.is_superuser):
            return Objection("number", _("%(name)s is an administrator. Files change none.") % {"name": stored})
        if not self._names.is_free(str(fields["username"]), key):
            sentence = _("The user name “%(name)s” belongs to somebody else already.")
            return Objection("username", sentence % {"name": fields["username"]})
        if fields["email"] and not self._names.is_free_address(str(fields["email"]), key):
            sentence = _("The e-mail address “%(email)s” belongs to somebody else here.")
            return Objection("email", sentence % {"email": fields["email"]})
        self._names.take(key, fields)
        return None

    def make(self, key: Key, fields: Fields, known: Known) -> User:
        person = User(organisation=known.organisation, number=key[0], password=make_password(None))
        self.change(person, fields, known)
        return person

    def change(self, row: User, fields: Fields, known: Known) -> list[str]:
        columns = simply(row, fields, self.columns)
        if "department" in fields:
            name = fields["department"]
            row.department = known.row(Kind.DEPARTMENT, (str(name),)) if name else None
            columns.append("department")
        return columns

    def ending(self, fields: Fields, known: Known) -> Fields | None:
        return {"active": False}


class _Names:
    """Whose user names and addresses are taken: user names by anybody, addresses within the institution."""

    def __init__(self) -> None:
        self._names: dict[str, Key | None] = {}
        self._addresses: dict[str, Key | None] = {}

    @classmethod
    def of(cls, known: Known) -> "_Names":
        names = cls()
        own = known.organisation.pk
        for organisation, number, username, email in User.objects.values_list(
            "organisation", "number", "username", "email"
        ):
            key = (number,) if organisation == own and number else None
            names._names[username.lower()] = key
            if organisation == own and email:
                names._addresses[email.lower()] = key
        return names

    def is_free(self, name: str, key: Key) -> bool:
        return self._names.get(name.lower(), key) == key

    def is_free_address(self, email: str, key: Key) -> bool:
        return self._addresses.get(email.lower(), key) == key

    def take(self, key: Key, fields: Fields) -> None:
        self._names[str(fields["username"]).lower()] = key
        if fields["email"]:
            self._addresses[str(fields["email"]).lower()] = key
