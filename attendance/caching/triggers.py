"""SQL of the triggers: the database itself notes each change of a ruled table, whoever makes it.

The invariant kept here is *truth*: a change and its outbox rows become visible in one and the same commit, so nobody
who sees the change can miss the tags. On PostgreSQL there is one statement trigger per event with transition tables; on
SQLite row triggers. Both use built-in SQL only, so that `psql` and `sqlite3` by hand are seen as well.
"""

from collections.abc import Sequence

from attendance.caching.rules import Path, Rule, path_of

PREFIX = "caching_"
COLLAPSE_FROM = 100
"""From more fine tags than this in one statement, PostgreSQL names the table alone."""


def install(vendor: str, rules: Sequence[Rule]) -> list[str]:
    """Return the statements that make the triggers of these rules on `postgresql` or `sqlite`."""
    make = _postgresql_triggers if vendor == "postgresql" else _sqlite_triggers
    return [statement for rule in rules for statement in make(rule)]


def install_coarse(vendor: str, rules: Sequence[Rule]) -> list[str]:
    """Return the same triggers reduced to the table tag: they hold while columns and paths are being migrated."""
    coarse = [Rule(model=rule.model, name=rule.name, paths={}, columns=()) for rule in rules]
    return install(vendor, coarse)


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
    """Return one SQL expression per fine tag of a row; it is NULL where the path leads nowhere."""
    return [
        f"'{rule.name}.{name}=' || {spelled.format(_value(path_of(rule.model, lookup), row))}"
        for name, lookup in rule.paths.items()
    ]


def _primary_key(rule: Rule) -> str:
    return str(rule.model._meta.pk.column)


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def _postgresql_triggers(rule: Rule) -> list[str]:
    by_event = [
        statement
        for verb, transition, rows in (
            ("insert", "NEW TABLE AS new_rows", "SELECT * FROM new_rows"),
            ("delete", "OLD TABLE AS old_rows", "SELECT * FROM old_rows"),
            ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows", _changed_rows(rule)),
        )
        for statement in _postgresql_trigger(rule, verb, transition, rows)
    ]
    return [*by_event, *_postgresql_truncate_trigger(rule)]


def _postgresql_truncate_trigger(rule: Rule) -> list[str]:
    """Return the trigger of TRUNCATE, which touches no rows one by one: it names the table."""
    name = f"{PREFIX}{rule.name}_truncate"
    return [
        f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN INSERT INTO caching_outbox (tag, cause) VALUES ('{rule.name}', '{rule.name}::truncate'); RETURN NULL;
        END $body$
        """,
        f'DROP TRIGGER IF EXISTS {name} ON "{rule.table}"',
        f'CREATE TRIGGER {name} AFTER TRUNCATE ON "{rule.table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()',
    ]


def _changed_rows(rule: Rule) -> str:
    """Return the rows of an update, as they were and as they are, of which a watched column changed."""
    key = _primary_key(rule)
    if not rule.columns:
        return "SELECT * FROM new_rows"
    kept = f'o."{key}" = n."{key}" AND ' + " AND ".join(
        f'o."{column}" IS NOT DISTINCT FROM n."{column}"' for column in rule.watched
    )
    return (
        f"SELECT o.* FROM old_rows o WHERE NOT EXISTS (SELECT 1 FROM new_rows n WHERE {kept})"
        f" UNION ALL SELECT n.* FROM new_rows n WHERE NOT EXISTS (SELECT 1 FROM old_rows o WHERE {kept})"
    )


def _postgresql_trigger(rule: Rule, verb: str, transition: str, rows: str) -> list[str]:
    name = f"{PREFIX}{rule.name}_{verb}"
    cause = f"'{rule.name}:' || coalesce(min(r.\"{_primary_key(rule)}\"::text), '') || ':{verb}'"
    selects = " UNION ALL ".join(
        f"SELECT {tag} AS tag, {cause.replace('min(', '(')} AS cause FROM changed r"
        for tag in _fine_tags(rule, "r", _POSTGRESQL_SPELLING)
    )
    fine = f"""
        WITH changed AS ({rows}),
             fine AS (SELECT tag, min(cause) AS cause FROM ({selects}) t WHERE tag IS NOT NULL GROUP BY tag LIMIT
                      {COLLAPSE_FROM + 1})
        INSERT INTO caching_outbox (tag, cause)
        SELECT tag, cause FROM fine WHERE (SELECT count(*) FROM fine) <= {COLLAPSE_FROM}
        UNION ALL
        SELECT '{rule.name}', '{rule.name}:' || (SELECT count(*) FROM changed) || ' rows:{verb}'
        WHERE (SELECT count(*) FROM fine) > {COLLAPSE_FROM};
    """
    coarse = f"""
        INSERT INTO caching_outbox (tag, cause)
        SELECT '{rule.name}', '{rule.name}::{verb}' WHERE EXISTS (SELECT 1 FROM ({rows}) r);
    """
    return [
        f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN {fine if rule.paths else coarse} RETURN NULL; END $body$
        """,
        f'DROP TRIGGER IF EXISTS {name} ON "{rule.table}"',
        f"""
        CREATE TRIGGER {name} AFTER {verb.upper()} ON "{rule.table}"
        REFERENCING {transition} FOR EACH STATEMENT EXECUTE FUNCTION {name}()
        """,
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
