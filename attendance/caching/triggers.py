"""SQL of the triggers: the database itself notes each change of a ruled table, whoever makes it.

The invariant kept here is *truth*: a change and its outbox rows become visible in one and the same commit, so nobody
who sees the change can miss the tags. On PostgreSQL there is one statement trigger per event with transition tables; on
SQLite row triggers. Both use built-in SQL only, so that `psql` and `sqlite3` by hand are seen as well.
"""

from collections.abc import Sequence

from attendance.caching.rules import Path, Rule, path_of

PREFIX = "caching_"
COLLAPSE_FROM = 1000
"""From more changed rows than this in one statement, PostgreSQL names the table alone; no register is that long."""


def install(vendor: str, rules: Sequence[Rule]) -> list[str]:
    """Return the statements that make the triggers of these rules on `postgresql` or `sqlite`."""
    make = _postgresql_triggers if vendor == "postgresql" else _sqlite_triggers
    return [statement for rule in rules for statement in make(rule)]


def install_coarse(vendor: str, rules: Sequence[Rule]) -> list[str]:
    """Return the same triggers reduced to the table tag: they hold while columns and paths are being migrated."""
    coarse = [Rule(model=rule.model, name=rule.name, paths={}, columns=()) for rule in rules]
    return install(vendor, coarse)


TELL = "caching.tell"
"""The setting with which a connection asks to be told what it dirtied, in a notice."""
NOTICE = "caching"
"""The first line of such a notice; each further one is a tag, a space and a cause."""
_TELL_WRITER = f"""
            IF told IS NOT NULL AND current_setting('{TELL}', true) = 'on' THEN
                RAISE NOTICE USING MESSAGE = E'{NOTICE}\\n' || told;
            END IF;
"""
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


def _primary_key(rule: Rule) -> str:
    return str(rule.model._meta.pk.column)


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def _postgresql_triggers(rule: Rule) -> list[str]:
    """Return three statement triggers and the one of TRUNCATE.

    An update is seen as pairs of the row before and after, found by the primary key. They are joined fully, so a row
    whose key was changed shows up as one that went and one that came.
    """
    key, columns = _primary_key(rule), _columns_needed(rule)
    pairs = ", ".join(f'o."{column}" AS "o_{column}", n."{column}" AS "n_{column}"' for column in columns)
    by_event = [
        ("insert", "NEW TABLE AS new_rows", f"SELECT {_listed(columns)} FROM new_rows", "SELECT * FROM changed"),
        ("delete", "OLD TABLE AS old_rows", f"SELECT {_listed(columns)} FROM old_rows", "SELECT * FROM changed"),
        (
            "update",
            "OLD TABLE AS old_rows NEW TABLE AS new_rows",
            f'SELECT {pairs} FROM old_rows o FULL JOIN new_rows n ON o."{key}" = n."{key}" WHERE {_differ(rule)}',
            " UNION ALL ".join(
                f'SELECT {_listed(columns, side)} FROM changed WHERE "{side}{key}" IS NOT NULL' for side in ("o_", "n_")
            ),
        ),
    ]
    statements = [statement for event in by_event for statement in _postgresql_trigger(rule, *event)]
    return [*statements, *_postgresql_truncate_trigger(rule)]


def _columns_needed(rule: Rule) -> list[str]:
    """Return the columns that tags and causes are made of."""
    firsts = [path_of(rule.model, lookup).column for lookup in rule.paths.values()]
    return sorted({_primary_key(rule), *firsts})


def _listed(columns: Sequence[str], side: str = "") -> str:
    return ", ".join(f'"{side}{column}" AS "{column}"' for column in columns)


def _differ(rule: Rule) -> str:
    """Return the condition that a row differs before and after; without watched columns every row does."""
    if not rule.columns:
        return "true"
    before, after = (
        ", ".join(f'{row}."{column}"' for column in [_primary_key(rule), *rule.watched]) for row in ("o", "n")
    )
    return f"ROW({before}) IS DISTINCT FROM ROW({after})"


def _postgresql_trigger(rule: Rule, verb: str, transition: str, changed: str, rows: str) -> list[str]:
    """Return the trigger of one event: fine tags for as many rows as that, the table tag for more."""
    name = f"{PREFIX}{rule.name}_{verb}"
    cause = f"'{rule.name}:' || r.\"{_primary_key(rule)}\"::text || ':{verb}'"
    selects = " UNION ALL ".join(
        f"SELECT {tag} AS tag, {cause} AS cause FROM rows r WHERE (SELECT number FROM counted) <= {COLLAPSE_FROM}"
        for tag in _fine_tags(rule, "r", _POSTGRESQL_SPELLING)
    )
    fine = f"SELECT tag, min(cause) FROM ({selects}) t WHERE tag IS NOT NULL GROUP BY tag UNION ALL" if selects else ""
    return [
        f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
        DECLARE told text;
        BEGIN
            WITH changed AS MATERIALIZED ({changed} LIMIT {COLLAPSE_FROM + 1}),
                 counted AS MATERIALIZED (SELECT count(*) AS number FROM changed),
                 rows AS ({rows}),
                 noted AS (
                    INSERT INTO caching_outbox (tag, cause)
                    {fine}
                    SELECT '{rule.name}', '{rule.name}::{verb}' FROM counted
                    WHERE number > {COLLAPSE_FROM if selects else 0}
                    RETURNING tag, cause
                 )
            SELECT string_agg(tag || ' ' || cause, E'\\n') INTO told FROM noted;
            {_TELL_WRITER}
            RETURN NULL;
        END $body$
        """,
        f'DROP TRIGGER IF EXISTS {name} ON "{rule.table}"',
        f"""
        CREATE TRIGGER {name} AFTER {verb.upper()} ON "{rule.table}"
        REFERENCING {transition} FOR EACH STATEMENT EXECUTE FUNCTION {name}()
        """,
    ]


def _postgresql_truncate_trigger(rule: Rule) -> list[str]:
    """Return the trigger of TRUNCATE, which touches no rows one by one: it names the table."""
    name = f"{PREFIX}{rule.name}_truncate"
    return [
        f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
        DECLARE told text := '{rule.name} {rule.name}::truncate';
        BEGIN
            INSERT INTO caching_outbox (tag, cause) VALUES ('{rule.name}', '{rule.name}::truncate');
            {_TELL_WRITER}
            RETURN NULL;
        END $body$
        """,
        f'DROP TRIGGER IF EXISTS {name} ON "{rule.table}"',
        f'CREATE TRIGGER {name} AFTER TRUNCATE ON "{rule.table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()',
    ]


# --- SQLite -----------------------------------------------------------------------------------------------------------


def _sqlite_triggers(rule: Rule) -> list[str]:
    changed = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in [_primary_key(rule), *rule.watched])
    of_columns = ", ".join(f'"{column}"' for column in [_primary_key(rule), *rule.watched])
    update_event = f"UPDATE OF {of_columns}" if rule.columns else "UPDATE"
    return [
        statement
        for verb, event, condition, rows in (
            ("insert", "INSERT", "", ("NEW",)),
            ("delete", "DELETE", "", ("OLD",)),
            ("update", update_event, f"WHEN {changed}" if rule.columns else "", ("OLD", "NEW")),
        )
        for statement in _sqlite_trigger(rule, verb, event, condition, rows)
    ]


def _sqlite_trigger(rule: Rule, verb: str, event: str, condition: str, rows: Sequence[str]) -> list[str]:
    name = f"{PREFIX}{rule.name}_{verb}"
    cause = f"'{rule.name}:' || {rows[-1]}.\"{_primary_key(rule)}\" || ':{verb}'"
    tags = [tag for row in rows for tag in _fine_tags(rule, row, "{}")] or [f"'{rule.name}'"]
    selects = " UNION ".join(f"SELECT {tag} AS tag" for tag in tags)
    return [
        f"DROP TRIGGER IF EXISTS {name}",
        f"""
        CREATE TRIGGER {name} AFTER {event} ON "{rule.table}" {condition}
        BEGIN INSERT INTO caching_outbox (tag, cause)
        SELECT tag, {cause} FROM ({selects}) WHERE tag IS NOT NULL; END
        """,
    ]
