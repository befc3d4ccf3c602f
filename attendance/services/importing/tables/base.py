"""What importing knows of a kind of row: how it is found, told apart, made, changed and brought to an end."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import PROTECT, Model, QuerySet
from django.utils.translation import gettext as _

from attendance.importers.records import Kind, Record, Value
from attendance.models import Offering, Organisation, User
from attendance.services.policies import Ruled, policy_of, record_policies
from attendance.services.refusals import Refusal

Key = tuple[str, ...]
Fields = dict[str, Value]
Row = TypeVar("Row", bound=Model)

BATCH = 1000
DELETED: None = None
"""What `Table.ending` returns for a row that leaves nothing behind."""


@dataclass(frozen=True)
class Objection:
    """Why a record cannot be taken: the field, and a sentence about it."""

    field: str
    reason: str


@dataclass(frozen=True)
class Reference:
    """That a field of a record names a row of another kind."""

    field: str
    kind: Kind
    key: Key


class LostRowError(LookupError):
    """A row that another one refers to is not there any more."""


class Known:
    """The rows of an institution that importing has to do with, read when they are first asked for.

    `fields` also has what the rows of the file will be once they are applied, and `rows` has them once they are made.
    Below a course only those are read that belong to the courses and terms in `named`.
    """

    def __init__(
        self,
        organisation: Organisation,
        moment: datetime,
        named: Collection[tuple[str, str]],
        tables: "Mapping[Kind, Table[Any]]",
    ) -> None:
        self.organisation, self.moment, self.tables = organisation, moment, tables
        # On whose clock hours are meant: an import that moves the institution is written for where it will be.
        self.zone = organisation.zone
        self.actor: User | None = None  # Who answers for what is recorded, once an import is applied or undone.
        self._codes, self._terms = {code for code, _term in named}, {term for _code, term in named}
        self._rows: dict[Kind, dict[Key, Any]] = {}
        self._fields: dict[Kind, dict[Key, Fields]] = {}
        self._keys: dict[Kind, dict[int, Key]] = {}

    def answerable(self) -> User:
        """Return who answers for what is recorded.

        Raises:
            Refusal: there is nobody.
        """
        if self.actor is None:
            raise Refusal(_("Marks and policies need somebody who answers for them. Name an administrator."))
        return self.actor

    def rows(self, kind: Kind) -> dict[Key, Any]:
        """Return the rows of a kind by key."""
        self._read(kind)
        return self._rows[kind]

    def fields(self, kind: Kind) -> dict[Key, Fields]:
        """Return the fields of the rows of a kind by key."""
        self._read(kind)
        return self._fields[kind]

    def row(self, kind: Kind, key: Key) -> Any:
        """Return one row.

        Raises:
            LostRowError: there is none, though it was there when the file was compared.
        """
        try:
            return self.rows(kind)[key]
        except KeyError as error:
            raise LostRowError(key) from error

    def key_of(self, kind: Kind, row_id: int | None) -> Key:
        """Return the key of the stored row with that id, so that no row has to bring along those it refers to.

        Raises:
            LostRowError: there is none.
        """
        if kind not in self._keys:
            self._keys[kind] = {row.pk: key for key, row in self.rows(kind).items()}
        try:
            return self._keys[kind][row_id or 0]
        except KeyError as error:
            raise LostRowError(kind) from error

    def add(self, kind: Kind, made: Mapping[Key, Any]) -> None:
        """Let new rows be found, by their ids as well where they are stored."""
        self.rows(kind).update(made)
        self._keys.pop(kind, None)

    def offerings(self) -> QuerySet[Offering]:
        """Return the offerings of the courses and terms that are named."""
        own = Offering.objects.filter(organisation=self.organisation)
        return own.filter(course__code__in=self._codes, term__name__in=self._terms)

    def _read(self, kind: Kind) -> None:
        if kind not in self._rows:
            table = self.tables[kind]
            found = list(table.stored(self))
            self._rows[kind] = {table.key(row, self): row for row in found}
            self._fields[kind] = {key: table.fields(row, self) for key, row in self._rows[kind].items()}


class Table(ABC, Generic[Row]):
    """One kind of row; the fields are those of `attendance.importers.records`, in the spelling of `normal`."""

    kind: ClassVar[Kind]
    model: ClassVar[type[Model]]
    columns: ClassVar[Mapping[str, str]] = {}
    """Which column holds a field, for those that are simply stored."""
    defaults: ClassVar[Fields] = {}
    """What the fields of a new row are that its record does not name."""
    required: ClassVar[tuple[str, ...]] = ()
    """The fields that the record of a new row has to name."""

    @abstractmethod
    def stored(self, known: Known) -> Iterable[Row]:
        """Return the rows there are, with what `key` and `fields` need of others."""

    @abstractmethod
    def key(self, row: Row, known: Known) -> Key:
        """Return what tells a stored row apart."""

    @abstractmethod
    def fields(self, row: Row, known: Known) -> Fields:
        """Return the fields of a stored row."""

    @abstractmethod
    def make(self, key: Key, fields: Fields, known: Known) -> Row:
        """Return a new row, not yet stored; its fields are complete."""

    @abstractmethod
    def change(self, row: Row, fields: Fields, known: Known) -> list[str]:
        """Give a row these fields and return the columns to store."""

    def normal(self, key: Key, fields: Mapping[str, Value], known: Known) -> tuple[Key, Fields]:
        """Return key and fields of a record in the one spelling that can be compared."""
        return key, dict(fields)

    def references(self, key: Key, fields: Fields) -> Iterator[Reference]:
        """Yield what a record names of other kinds."""
        yield from ()

    def objection(self, key: Key, fields: Fields, before: Fields | None, known: Known) -> Objection | None:
        """Return why a record whose references hold cannot be taken; `fields` are those of the row as it would be."""
        return None

    def completed(self, key: Key, fields: Fields, known: Known) -> Fields:
        """Return the fields of a new row with what its record does not say."""
        return {**self.defaults, **fields}

    def key_after(self, key: Key, fields: Fields | None, known: Known) -> Key:
        """Return what tells a row apart once it was given these fields."""
        return key

    def in_order(self, records: Sequence[Record], known: Known) -> Sequence[Record]:
        """Return the records of this kind in the order in which they are compared."""
        return records

    def is_kept(self, key: Key, known: Known) -> bool:
        """Say whether a record that keeps what is there finds it there."""
        return key in known.fields(self.kind)

    def changes(self, before: Fields, fields: Fields) -> Fields:
        """Return those of the fields in which a record differs from the stored row."""
        return {name: value for name, value in fields.items() if before[name] != value}

    def ending(self, fields: Fields, known: Known) -> Fields | None:
        """Return the fields a row gets when it comes to its end, or `DELETED`."""
        return DELETED

    def store(self, rows: Sequence[tuple[Row, Fields]], known: Known) -> None:
        """Store new rows with their fields."""
        self.model._default_manager.bulk_create([row for row, _fields in rows], batch_size=BATCH)

    def store_changes(self, rows: Sequence[tuple[Row, Fields]], known: Known) -> None:
        """Give rows new fields and store them."""
        columns = {column for row, fields in rows for column in self.change(row, fields, known)}
        if columns:
            self.model._default_manager.bulk_update([row for row, _fields in rows], sorted(columns), batch_size=200)

    def delete(self, rows: Sequence[Row], known: Known) -> None:
        """Delete rows to which nothing refers, see `referring`."""
        for start in range(0, len(rows), BATCH):
            batch = [row.pk for row in rows[start : start + BATCH]]
            self.model._default_manager.filter(pk__in=batch).delete()


RuledRow = TypeVar("RuledRow", bound=Ruled)


class RuledTable(Table[RuledRow]):
    """Rows that others are reckoned by: each whose policy changes is an act of the record."""

    def store_changes(self, rows: Sequence[tuple[RuledRow, Fields]], known: Known) -> None:
        before = [(row, policy_of(row)) for row, _fields in rows]
        super().store_changes(rows, known)
        if any(policy_of(row) != policy for row, policy in before):
            record_policies(before, actor=known.answerable(), moment=known.moment)


def missing(reference: Reference) -> Objection:
    """Return the objection to a record that names something which is not there."""
    sentences = {
        Kind.DEPARTMENT: _("There is no department “%(name)s”. Add it first, or to the same file."),
        Kind.ROOM: _("There is no room “%(name)s”. Add it first, or to the same file."),
        Kind.TERM: _("There is no term “%(name)s”. Add it first, or to the same file."),
        Kind.PERSON: _("Nobody has the number “%(name)s”. Add the person first, or to the same file."),
        Kind.COURSE: _("There is no course “%(name)s”. Add it first, or to the same file."),
        Kind.OFFERING: _("The course “%(name)s” is not taught in that term. Add it to offerings.csv."),
        Kind.SECTION: _("The course has no section “%(name)s” in that term. Add it first, or to the same file."),
        Kind.LECTURE: _("The course has no lecture planned for “%(name)s”. Add it first, or to the same file."),
        Kind.ENROLMENT: _("“%(name)s” is not enrolled in that course. Add the enrolment first, or to the same file."),
    }
    name = {
        Kind.OFFERING: f"{reference.key[0]}, {reference.key[-1]}",
        Kind.SECTION: reference.key[-1],
        Kind.LECTURE: reference.key[-1],
        Kind.ENROLMENT: reference.key[-1],
    }.get(reference.kind, reference.key[0])
    return Objection(reference.field, sentences[reference.kind] % {"name": name})


def simply(row: Model, fields: Mapping[str, Value], columns: Mapping[str, str]) -> list[str]:
    """Set those fields of a row that a column holds as it is, and return the columns."""
    own = [name for name in fields if name in columns]
    for name in own:
        setattr(row, columns[name], fields[name])
    return [columns[name] for name in own]


def put_away(row: Any, column: str, wanted: object, known: Known) -> list[str]:
    """Set or clear a column that holds since when a row is put away, and return it; a moment that is there stays."""
    if bool(wanted) != (getattr(row, column) is not None):
        setattr(row, column, known.moment if wanted else None)
    return [column]


def referring(rows: Iterable[Model]) -> Iterator[tuple[int, type[Model], int]]:
    """Yield what keeps rows of one kind from being deleted: the id of each, and model and id of what refers to it."""
    own = list(rows)
    ids = [row.pk for row in own]
    relations = type(own[0])._meta.related_objects if own else ()
    for relation in relations:
        if relation.on_delete is PROTECT:
            model, column = relation.related_model, relation.field.name
            for start in range(0, len(ids), BATCH):
                found = model._default_manager.filter(**{f"{column}__in": ids[start : start + BATCH]})
                for pk, other in found.values_list(column, "pk"):
                    yield pk, model, other


def of_own_people(rows: QuerySet[Row], column: str, known: Known) -> QuerySet[Row]:
    """Return those of these rows whose person a file can name: one of the institution, with a number."""
    return rows.filter(**{f"{column}__organisation": known.organisation}).exclude(**{f"{column}__number": ""})
