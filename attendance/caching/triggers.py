"""SQL of the triggers: the database itself notes each change of a ruled table, whoever makes it.

The invariant kept here is *truth*: a change and its outbox rows become visible in one and the same commit, so nobody
who sees the change can miss the tags. On PostgreSQL there is one statement trigger per event with transition tables; on
SQLite row triggers. Both use built-in SQL only, so that `psql` and `sqlite3` by hand are seen as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from attendance.caching.rules import First, Path, Rule, column_of, path_of

PREFIX = "caching_"
COLLAPSE_FROM = 1000
"""From more changed rows than this in one statement, PostgreSQL names the table alone; no register is that long."""


def install(vendor: str, rules: Sequence[Rule]) -> list[str]:
    """Return the statements that make the triggers of these rules on `postgresql` or `sqlite`."""
    make = _postgresql_triggers if vendor == "postgresql" else _sqlite_triggers
    return [statement for rule in rules for statement in make(rule)]


def install_coarse(vendor: str, rules: Sequence[Rule]) -> list[str]:
    """Return the same triggers reduced to the table tag: they hold while columns and paths are being migrated."""
    coarse = [replace(rule, paths={}, columns=(), first=None) for rule in rules]
    return install(vendor, coarse)


TELL = "caching.tell"
"""The setting with which a connection asks to be told what it dirtied, in a notice."""
NOTICE = "caching"
"""The first line of such a notice; the further ones are those of the outbox."""
_POSTGRESQL_SPELLING = "replace(({})::text, '-', '')"
"""SQLite stores a UUID as 32 digits; here the dashes go, so that a tag is spelled alike everywhere."""

# --- What a row is worth ----------------------------------------------------------------------------------------------


def _value(path: Path, row: str) -> str:
    """Return the SQL expression that walks a path from a row alias to its value."""
    value = f'{row}."{path.column}"'
    for table, key, column in path.hops:
        value = f'(SELECT "{column}" FROM "{table}" WHERE "{key}" = {value})'
    return value


def _fine_tags(rule: Rule, row: str, spelled: str) -> list[str]:
    """Return one SQL expression per fine tag of a row; it is NULL where the row has no value."""
    return [
        _fine_tag(f"{rule.name}.{name}", path_of(rule.model, lookup), row, spelled)
        for name, lookup in rule.paths.items()
    ]


def _fine_tag(start: str, path: Path, row: str, spelled: str) -> str:
    """Return the expression of one tag; the table tag where a foreign key leads to a row that is not there.

    Within one transaction a parent may go before its children, or come after them; nobody can tell then what the path
    led to.
    """
    tag = f"'{start}=' || {spelled.format(_value(path, row))}"
    if not path.hops:
        return tag
    table_tag = start.partition(".")[0]
    return f"coalesce({tag}, CASE WHEN {row}.\"{path.column}\" IS NOT NULL THEN '{table_tag}' END)"


def _tags_left(rule: Rule, before: str, after: str, spelled: str, differ: str) -> list[str]:
    """Return the tags that a row had before an update, those aside that it keeps: their path begins as it did."""
    columns = [path_of(rule.model, lookup).column for lookup in rule.paths.values()]
    return [
        f'CASE WHEN {before}."{column}" {differ} {after}."{column}" THEN {tag} END'
        for column, tag in zip(columns, _fine_tags(rule, before, spelled), strict=True)
    ]


# --- Groups of which only the first row counts ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    """The SQL conditions of a rule's groups."""

    table: str
    key: str
    of: str
    unless: str

    @classmethod
    def of_rule(cls, rule: Rule, first: First) -> "_Group":
        return cls(rule.table, rule.key, column_of(rule.model, first.of), column_of(rule.model, first.unless))

    def counts(self, row: str) -> str:
        """Return the condition that a row is one of its group; of no row at all it is not true."""
        return f"coalesce({row}.\"{self.unless}\" <> '', false)"

    def enters(self, before: str, after: str) -> str:
        """Return the condition that the row `after` is one of its group, and was none of it before."""
        stays = f'{self.counts(before)} AND {before}."{self.of}" = {after}."{self.of}"'
        return f"{self.counts(after)} AND NOT ({stays})"

    def has_another(self, row: str, besides: str) -> str:
        """Return a query for another row of a row's group; `besides` is the condition that names those left out."""
        return f"""
            SELECT 1 FROM "{self.table}" w
            WHERE w."{self.of}" = {row}."{self.of}" AND {self.counts("w")} AND {besides}
        """


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def _postgresql_triggers(rule: Rule) -> list[str]:
    """Return three statement triggers and the one of TRUNCATE.

    An update is seen as pairs of the row before and after, found by the primary key. They are joined fully, so a row
    whose key was changed shows up as one that went and one that came.
    """
    if rule.first is not None:
        return _postgresql_first_triggers(rule, _Group.of_rule(rule, rule.first))
    key, named = rule.key, rule.name_column
    pairs = f'old_rows o FULL JOIN new_rows n ON o."{key}" = n."{key}" WHERE {_differ(rule)}'
    came, went = (_fine_tags(rule, row, _POSTGRESQL_SPELLING) for row in ("n", "o"))
    moved = [*came, *_tags_left(rule, "o", "n", _POSTGRESQL_SPELLING, "IS DISTINCT FROM")]
    by_event = [
        ("insert", "NEW TABLE AS new_rows", "new_rows n", f'n."{named}"', came),
        ("delete", "OLD TABLE AS old_rows", "old_rows o", f'o."{named}"', went),
        ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows", pairs, f'coalesce(n."{named}", o."{named}")', moved),
    ]
    statements = [statement for event in by_event for statement in _postgresql_trigger(rule, *event)]
    return [*statements, *_postgresql_truncate_trigger(rule)]


def _postgresql_first_triggers(rule: Rule, group: _Group) -> list[str]:
    """Return the same for a rule of which only the first row of a group counts: a line for each group.

    A row that enters is the first one unless another one is there that stays until this transaction has ended, which is
    made sure of by locking it for sharing. One that is being taken away at this moment is locked and passed over, so
    nobody waits here, and of two that meet in a group both are noted. A transaction with a snapshot of its own cannot
    see who left meanwhile, so there each row that enters is noted.
    """
    pairs = f'old_rows o FULL JOIN new_rows n ON o."{group.key}" = n."{group.key}"'
    entered = {
        "insert": f"SELECT n.* FROM new_rows n WHERE {group.counts('n')}",
        "update": f"SELECT n.* FROM {pairs} WHERE {group.enters('o', 'n')}",
    }
    left = {
        "update": f"SELECT o.* FROM {pairs} WHERE {group.enters('n', 'o')}",
        "delete": f"SELECT o.* FROM old_rows o WHERE {group.counts('o')}",
    }
    transition = {
        "insert": "NEW TABLE AS new_rows",
        "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "OLD TABLE AS old_rows",
    }
    tags = _fine_tags(rule, "n", _POSTGRESQL_SPELLING)
    statements = []
    for verb, tables in transition.items():
        found = [_firsts(group, entered[verb])] if verb in entered else []
        found += [left[verb]] if verb in left else []
        rows = f'(SELECT DISTINCT ON (x."{group.of}") x.* FROM ({" UNION ALL ".join(found)}) x) n'
        statements += _postgresql_trigger(rule, verb, tables, rows, f'n."{rule.name_column}"', tags)
    return [*statements, *_postgresql_truncate_trigger(rule)]


def _firsts(group: _Group, entered: str) -> str:
    """Return a query for one row of each group that had none before those that entered, or may have lost them."""
    besides = f'w."{group.key}" NOT IN (SELECT besides."{group.key}" FROM ({entered}) besides)'
    another = f"{group.has_another('a', besides)} LIMIT 1 FOR SHARE OF w SKIP LOCKED"
    return f"""
        (SELECT a.* FROM (SELECT DISTINCT ON (e."{group.of}") e.* FROM ({entered}) e) a
        WHERE CASE WHEN current_setting('transaction_isolation') <> 'read committed' THEN true
              ELSE NOT EXISTS ({another}) END)
    """


def _differ(rule: Rule) -> str:
    """Return the condition that a row differs before and after; without watched columns every row does."""
    if not rule.columns:
        return "true"
    before, after = (", ".join(f'{row}."{column}"' for column in [rule.key, *rule.watched]) for row in ("o", "n"))
    return f"ROW({before}) IS DISTINCT FROM ROW({after})"


def _postgresql_trigger(
    rule: Rule, verb: str, transition: str, rows: str, named: str, tags: Sequence[str]
) -> list[str]:
    """Return the trigger of one event: a line of fine tags for each of as many rows as that, the table tag for more."""
    most = COLLAPSE_FROM if tags else 0
    line = ", ".join([f"'{rule.name}:' || ({named})::text || ':{verb}'", *tags])
    return _postgresql_function(
        rule,
        verb,
        f"""
            SELECT count(*), string_agg(line, E'\\n') INTO number, told
            FROM (SELECT concat_ws(E'\\t', {line}) AS line FROM {rows} LIMIT {most + 1}) changed;
            IF number > {most} THEN told := E'{rule.name}::{verb}\\t{rule.name}'; END IF;
        """,
        transition=f"REFERENCING {transition}",
    )


def _postgresql_truncate_trigger(rule: Rule) -> list[str]:
    """Return the trigger of TRUNCATE, which touches no rows one by one: it names the table."""
    return _postgresql_function(rule, "truncate", f"told := E'{rule.name}::truncate\\t{rule.name}';", transition="")


def _postgresql_function(rule: Rule, verb: str, find: str, transition: str) -> list[str]:
    """Return a trigger that notes what `find` puts into `told`, and tells the connection if it asked."""
    name = f"{PREFIX}{rule.name}_{verb}"
    return [
        f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
        DECLARE number bigint; told text;
        BEGIN
            {find}
            IF told IS NOT NULL THEN
                INSERT INTO caching_outbox (changes) VALUES (told);
                IF current_setting('{TELL}', true) = 'on' THEN
                    RAISE NOTICE USING MESSAGE = E'{NOTICE}\\n' || told;
                END IF;
            END IF;
            RETURN NULL;
        END $body$
        """,
        f'DROP TRIGGER IF EXISTS {name} ON "{rule.table}"',
        f"""
        CREATE TRIGGER {name} AFTER {verb.upper()} ON "{rule.table}"
        {transition} FOR EACH STATEMENT EXECUTE FUNCTION {name}()
        """,
    ]


# --- SQLite -----------------------------------------------------------------------------------------------------------


def _sqlite_first_triggers(rule: Rule, group: _Group) -> list[str]:
    """Return the triggers of a rule of which only the first row of a group counts; writers are serial here."""
    another = group.has_another("NEW", f'w."{group.key}" <> NEW."{group.key}"')
    is_first = f"NOT EXISTS ({another})"
    came, went = (_fine_tags(rule, row, "{}") for row in ("NEW", "OLD"))
    moved = [*came, *_tags_left(rule, "OLD", "NEW", "{}", "IS NOT")]
    changed = f"({group.enters('OLD', 'NEW')} AND {is_first}) OR ({group.enters('NEW', 'OLD')})"
    return [
        statement
        for verb, condition, row, tags in (
            ("insert", f"{group.counts('NEW')} AND {is_first}", "NEW", came),
            ("delete", group.counts("OLD"), "OLD", went),
            ("update", changed, "NEW", moved),
        )
        for statement in _sqlite_trigger(rule, verb, verb.upper(), f"WHEN {condition}", row, tags)
    ]


def _sqlite_triggers(rule: Rule) -> list[str]:
    if rule.first is not None:
        return _sqlite_first_triggers(rule, _Group.of_rule(rule, rule.first))
    changed = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in [rule.key, *rule.watched])
    of_columns = ", ".join(f'"{column}"' for column in [rule.key, *rule.watched])
    update_event = f"UPDATE OF {of_columns}" if rule.columns else "UPDATE"
    came, went = (_fine_tags(rule, row, "{}") for row in ("NEW", "OLD"))
    moved = [*came, *_tags_left(rule, "OLD", "NEW", "{}", "IS NOT")]
    return [
        statement
        for verb, event, condition, row, tags in (
            ("insert", "INSERT", "", "NEW", came),
            ("delete", "DELETE", "", "OLD", went),
            ("update", update_event, f"WHEN {changed}" if rule.columns else "", "NEW", moved),
        )
        for statement in _sqlite_trigger(rule, verb, event, condition, row, tags or [f"'{rule.name}'"])
    ]


def _sqlite_trigger(rule: Rule, verb: str, event: str, condition: str, row: str, tags: Sequence[str]) -> list[str]:
    name = f"{PREFIX}{rule.name}_{verb}"
    cause = f"'{rule.name}:' || {row}.\"{rule.name_column}\" || ':{verb}'"
    line = " || ".join([cause, *(f"coalesce(char(9) || {tag}, '')" for tag in tags)])
    return [
        f"DROP TRIGGER IF EXISTS {name}",
        f"""
        CREATE TRIGGER {name} AFTER {event} ON "{rule.table}" {condition}
        BEGIN INSERT INTO caching_outbox (changes) VALUES ({line}); END
        """,
    ]
