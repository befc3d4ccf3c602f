"""How rows are named in the files of an export, and in which order they stand."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Collate, TruncDate, TruncTime

from attendance.archives.csv_files import written
from attendance.models import Organisation, User

ROWS_AT_ONCE = 2000


def streamed(rows: QuerySet[Any], *columns: Any) -> Iterator[Any]:
    """Yield these columns of the rows, with little memory however many there are; 1 query."""
    return rows.values_list(*columns).iterator(chunk_size=ROWS_AT_ONCE)


def by_text(*names: str) -> list[Collate]:
    """Return the expressions that sort by columns of text, code point by code point, nothing first."""
    code_points = "C" if connection.vendor == "postgresql" else "BINARY"
    return [Collate(Coalesce(F(name), Value("")), code_points) for name in names]


def own_name(path: str, own: Organisation) -> Case:
    """Return the name of what a foreign key leads to, nothing when it belongs to somebody else."""
    return Case(When(**{f"{path}__organisation": own}, then=F(f"{path}__name")), default=Value(""))


def nameable(path: str, own: Organisation) -> Q:
    """Return the condition that a person can be named by a file: has a number, and is no administrator."""
    start = f"{path}__" if path else ""
    return Q(**{f"{start}organisation": own}) & ~Q(**{f"{start}number": ""}) & ~Q(**{f"{start}role": User.Role.ADMIN})


def with_plan(rows: QuerySet[Any], own: Organisation, path: str = "") -> QuerySet[Any]:
    """Return the rows with `day` and `hour` for which their lecture was planned, on the institution's clock."""
    start = f"{path}__" if path else ""
    of_meeting = {f"{start}meeting__isnull": False, f"{start}planned_day__isnull": False}
    starts_at = f"{start}starts_at"
    day = Case(When(**of_meeting, then=F(f"{start}planned_day")), default=TruncDate(starts_at, tzinfo=own.zone))
    hour = Case(When(**of_meeting, then=F(f"{start}meeting__starts_at")), default=TruncTime(starts_at, tzinfo=own.zone))
    planned: QuerySet[Any] = rows.annotate(day=day, hour=hour)
    return planned


def planned_for(day: date | None, hour: time) -> str:
    """Return what names a lecture within its section, such as `2026-09-14T09:00`; nothing without a lecture."""
    return f"{day.isoformat()}T{written(hour)}" if day else ""
