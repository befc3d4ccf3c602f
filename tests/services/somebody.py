"""A person whose every text anywhere says the same rare word, to be looked for after the person was erased."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import models

from attendance import clock
from attendance.models import (
    Activation,
    CheckInAttempt,
    CourseStaff,
    Device,
    Import,
    ImportRow,
    Invitation,
    LinkedIdentity,
    LoginSession,
    Request,
    Throttle,
    User,
)
from attendance.services.register import Mark, mark_register
from tests.cast import Campus

WORD = "Zq9x"
"""Stands in no other text."""

ABOUT = {
    "Activation.user",
    "Attendance.student",
    "AttendanceEvent.student",
    "CheckInAttempt.student",
    "CourseStaff.user",
    "Device.student",
    "Enrolment.student",
    "Invitation.accepted_by",
    "LinkedIdentity.user",
    "LoginSession.user",
    "Request.student",
    "User_groups.user",
    "User_user_permissions.user",
}
"""Columns that say whom a row is about: all its texts are that person's."""

BY = {
    "Activation.created_by",
    "AttendanceEvent.actor",
    "AttendanceSession.closed_by",
    "AttendanceSession.opened_by",
    "Import.applied_by",
    "Import.prepared_by",
    "Import.undone_by",
    "Invitation.invited_by",
    "LogEntry.user",
    "Request.decided_by",
}
"""Columns that say who did something: the row is about somebody or something else."""

RANDOM = {"handle"}
"""Texts that are made of chance and name no person; the cache's outbox has them for some minutes."""

_TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def columns_to_people() -> set[str]:
    """Return every column of the product that refers to a person."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if field.remote_field is not None and field.remote_field.model is User:
                found.add(f"{model.__name__}.{field.name}")
    return found


def texts_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Return the columns of a table that can hold words."""
    return [field for field in model._meta.concrete_fields if isinstance(field, _TEXTS)]


def places_of(word: str) -> set[str]:
    """Return every column of every table, the cache's outbox included, in which a word stands."""
    return set(_places(word))


def _places(word: str) -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        for field in texts_of(model):
            for value in model._base_manager.values_list(field.attname, flat=True):
                if word.lower() in _written(value).lower():
                    yield f"{model.__name__}.{field.name}"
                    break


def _written(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# --- Somebody ---------------------------------------------------------------------------------------------------------


def fill_everywhere(campus: Campus) -> User:
    """Store rows of every kind about Bilal, each text of which says the word, and return him."""
    bilal = campus.bilal
    _rows(campus, bilal)
    mark_register(lecture=campus.lecture, actor=campus.ines, marks=[Mark(bilal.pk, "late", 0)], reason=WORD)
    for each in sorted(ABOUT - {"AttendanceEvent.student"}):
        model, column = _column(each)
        _say_the_word(model._base_manager.filter(**{column: bilal}))
    _say_the_word(User.objects.filter(pk=bilal.pk))
    bilal.refresh_from_db()
    _rows_that_name(campus, bilal)
    return bilal


def _column(name: str) -> tuple[type[models.Model], str]:
    model, _dot, column = name.partition(".")
    found = {each.__name__: each for each in apps.get_models(include_auto_created=True)}
    return found[model], column


def _say_the_word(rows: "models.QuerySet[Any]") -> None:
    """Write the word into each text of one row that is free to say anything."""
    for field in texts_of(rows.model):
        if field.choices or field.primary_key or field.name in RANDOM:
            continue
        text = f"{WORD}-{field.name}"[: getattr(field, "max_length", None) or 40]
        value: object = text.encode() if isinstance(field, models.BinaryField) else text
        rows.update(**{field.name: [text] if isinstance(field, models.JSONField) else value})


def _rows(campus: Campus, person: User) -> None:
    later = clock.now() + timedelta(days=3)
    device = Device.objects.create(student=person, key_hash="f" * 64, public_key=bytes(91), browser="é")
    scan = CheckInAttempt.objects.create(
        organisation=campus.organisation,
        student=person,
        lecture=campus.lecture,
        outcome=CheckInAttempt.Outcome.CODE_EXPIRED,
        scanned_at=clock.now(),
        device=device,
    )
    Request.objects.create(
        organisation=campus.organisation,
        student=person,
        kind=Request.Kind.CLAIM,
        lecture=campus.lecture,
        attempt=scan,
        wanted_status="present",
        reason="x",
    )
    Activation.objects.create(
        user=person, kind=Activation.Kind.LINK, secret_hash="1" * 64, created_by=campus.admin, expires_at=later
    )
    LoginSession.objects.create(session_key="k" * 32, session_data="x", expire_date=later, user=person)
    LinkedIdentity.objects.create(user=person, issuer="https://id.example", subject="7f3a")
    Invitation.objects.create(
        organisation=campus.organisation,
        email="b@aldermoor.example",
        role=User.Role.STUDENT,
        token_hash="2" * 64,
        invited_by=campus.admin,
        expires_at=later,
        accepted_by=person,
    )
    campus.lecture_at(clock.now() - timedelta(days=1))
    CourseStaff.objects.create(offering=campus.offering, user=person, duty="assistant")
    person.groups.add(Group.objects.create(name="Clerks"))


def _rows_that_name(campus: Campus, person: User) -> None:
    """Store the rows that hold somebody's names without referring to the account."""
    person.email = f"{WORD}@aldermoor.example"
    person.number = f"{WORD}-17"
    person.save()
    Invitation.objects.create(
        organisation=campus.organisation,
        email=person.email.upper(),
        role=User.Role.STUDENT,
        token_hash="3" * 64,
        invited_by=campus.admin,
        expires_at=clock.now(),
    )
    for account in (f"id:{person.pk}", f"id:{person.pk} check-in", f"name:{WORD.lower()}-17"):
        Throttle.objects.create(purpose="login", account=account, address="192.0.2.1", since=clock.now())
    LogEntry.objects.create(
        user=campus.admin,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(person.pk),
        object_repr=f"A former name, {WORD}",
        action_flag=CHANGE,
    )
    LogEntry.objects.create(user=campus.admin, object_repr=f"{person} in CS 204", action_flag=CHANGE)
    _imports(campus, person)


def _imports(campus: Campus, person: User) -> None:
    applied = Import.objects.create(
        organisation=campus.organisation,
        source=Import.Source.CSV,
        file_name=f"only {person.number}.csv",
        state=Import.State.APPLIED,
        applied_at=clock.now(),
        counts={"person": {"new": 2}},
        notes=[f"“{person.full_name}” stands there twice.", "Two rooms have no seats."],
        problem=f"{person.email} is no number.",
    )
    number, course = person.number, ["CS 204", "Autumn"]
    names = {"username": "before", "given_name": WORD}
    rows = [
        ("person", [number], names),
        ("person", ["an earlier number"], {"username": person.username, "family_name": WORD}),
        ("person", ["another one"], {"email": person.email}),
        ("enrolment", [*course, number], {"roll_number": WORD}),
        ("staff", [*course, number, "", ""], {"duty": "assistant"}),
        ("mark", [*course, "", "2026-09-14T09:00", number], {"status": "present"}),
    ]
    for kind, key, after in rows:
        ImportRow.objects.create(of=applied, action="new", kind=kind, key=key, after=after)
    ImportRow.objects.create(of=applied, action="new", kind="person", key=["AMIRA"], after={"username": "amira"})
    ImportRow.objects.create(of=applied, action="refused", kind="", key=[], reason=f"The number “{number}” is taken.")
    ImportRow.objects.create(of=applied, action="refused", kind="room", key=["B"], reason="Write a number of seats.")
