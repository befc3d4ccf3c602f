"""Which columns of which table dirty which tags: the table that triggers are generated from.

A tag is text. `lecture` is the table tag of the table called so: it means "anything in it". `lecture.offering=5` is a
fine tag: "a row of it whose path `offering` leads to 5". An entry lists the table tag beside each of its fine ones, so
a change of very many rows may name the table alone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Field, ForeignKey, Model


@dataclass(frozen=True)
class First:
    """Rows of which only the first one of a group counts: whether the group has any is all that is shown of it.

    The tags are dirtied when a group gets its first row, and whenever one leaves it. Which row was the last one is not
    asked, as rows leave seldom, and two writers could not tell from each other.

    Attributes:
        of: the foreign key that makes the group.
        unless: a column of text that says by being empty that a row does not count.
    """

    of: str
    unless: str


@dataclass(frozen=True)
class Rule:
    """One table.

    Attributes:
        model: the Django model of the table, which may be the one behind a many-to-many field.
        name: what its tags begin with; no other rule has it.
        paths: names of fine tags to lookups from the row: the row's own column, or one reached through foreign keys,
            such as `{"offering": "lecture__offering"}`.
        columns: the fields whose change dirties anything; a change of others is of no interest to any entry.
        named_by: the field by which causes and log name a row; the primary key unless that is a secret.
        first: the groups of which only the first row counts; None where each row does.
    """

    model: type[Model]
    name: str
    paths: Mapping[str, str]
    columns: tuple[str, ...]
    named_by: str = "pk"
    first: First | None = None

    def __post_init__(self) -> None:
        for lookup in self.paths.values():
            path_of(self.model, lookup)
        for column in self.columns:
            self.model._meta.get_field(column)

    @property
    def table(self) -> str:
        """The name of the database table."""
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        """The column that tells rows apart."""
        return str(self.model._meta.pk.column)

    @property
    def name_column(self) -> str:
        """The column whose value stands for a row in causes."""
        return self.key if self.named_by == "pk" else column_of(self.model, self.named_by)

    @property
    def watched(self) -> list[str]:
        """The columns whose change counts, by their names in the database."""
        return [column_of(self.model, name) for name in self.columns]


@dataclass(frozen=True)
class Path:
    """A lookup taken apart: the row's own column, then one (table, key column, value column) per foreign key."""

    column: str
    hops: tuple[tuple[str, str, str], ...]


def path_of(model: type[Model], lookup: str) -> Path:
    """Return how a lookup such as `lecture__offering` is walked from a row of the model.

    Raises:
        ImproperlyConfigured: a step on the way is no foreign key.
    """
    first, *steps = lookup.split("__")
    column, here, hops = column_of(model, first), model._meta.get_field(first), []
    for step in steps:
        if not isinstance(here, ForeignKey):
            raise ImproperlyConfigured(f"{lookup}: {here} of {model.__name__} is no foreign key.")
        target = here.related_model
        hops.append((target._meta.db_table, str(target._meta.pk.column), column_of(target, step)))
        here = target._meta.get_field(step)
    return Path(column, tuple(hops))


def column_of(model: type[Model], name: str) -> str:
    """Return the database column of a field.

    Raises:
        ImproperlyConfigured: the field has no column.
    """
    found: Any = model._meta.get_field(name)
    if not isinstance(found, Field) or found.many_to_many or found.column is None:
        raise ImproperlyConfigured(f"{model.__name__}.{name} has no column.")
    return found.column


@dataclass
class Registry:
    """The rules in force."""

    rules: tuple[Rule, ...] = field(default_factory=tuple)

    def load(self, rules: tuple[Rule, ...]) -> None:
        """Put rules in force; done once, when the process starts.

        Raises:
            ImproperlyConfigured: two rules have one name.
        """
        names = [rule.name for rule in rules]
        if len(set(names)) != len(names):
            raise ImproperlyConfigured("Two cache rules have the same name.")
        self.rules = rules

    @contextmanager
    def swapped(self, rules: tuple[Rule, ...]) -> Iterator[None]:
        """Put other rules in force for a while: tests of the engine bring toys of their own."""
        before = self.rules
        self.load(rules)
        try:
            yield
        finally:
            self.rules = before


registry = Registry()


def with_table_tags(tags: list[str]) -> list[str]:
    """Return the tags with the table tag of each beside it, sorted, none twice."""
    return sorted({*tags, *(tag.partition(".")[0] for tag in tags)})
