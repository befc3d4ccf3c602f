"""Erasing the texts of a person's events: they are gone, one event says so, and all that was proved stays proved."""

import json

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from attendance import clock
from attendance.ledger.erasure import erased
from attendance.models import Attendance, AttendanceEvent, Request
from attendance.queries.event_columns import told_by_columns
from attendance.services import erased_texts
from attendance.services.erased_texts import ErasureReason, erase_texts
from attendance.services.register import Mark, mark_register
from attendance.services.requests import decide
from attendance.services.sealing import seal
from tests.cast import Campus
from tests.ledger.stage import erase, log_of_three_blocks, mark

pytestmark = pytest.mark.django_db


def told(erasure: AttendanceEvent) -> dict[str, object]:
    return dict(json.loads(erasure.body or ""))


def test_texts_about_the_person_go_and_one_event_says_so(campus: Campus) -> None:
    log_of_three_blocks(campus)
    own = AttendanceEvent.objects.filter(student=campus.amira).order_by("event_id")
    names = [event.event_id.hex for event in own]
    before = list(own.values())
    erasure = erase(campus, campus.amira)
    told_by_text = told(erasure)
    assert [told_by_text[name] for name in ("person", "why", "events")] == [campus.amira.pk, "asked", 3]
    assert told_by_text["erased"] == " ".join(names) and told_by_text["student"] is None
    assert "Haddad" not in (erasure.body or "") and "amira" not in (erasure.body or "").lower()
    assert list(own.values()) == [{**row, "body": None, "salt": None, "erased_by_id": erasure.pk} for row in before]
    assert told_by_text["columns"] == erased(map(told_by_columns, before)).digest
    assert AttendanceEvent.objects.filter(body=None).count() == 3


def test_what_the_person_did_to_others_keeps_its_text(campus: Campus) -> None:
    mark(campus, campus.amira)
    assert told(erase(campus, campus.ines))["events"] == 0
    event = AttendanceEvent.objects.get(student=campus.amira)
    assert json.loads(event.body or "")["actor"] == campus.ines.pk


def test_the_words_of_a_request_and_of_its_answer_go(campus: Campus) -> None:
    asked = Request.objects.create(
        organisation=campus.organisation, student=campus.amira, kind="card", reason="My card fell into the river"
    )
    decide(request=asked, actor=campus.admin, approve=True, answer="Amira gets another one")
    mark_register(
        lecture=campus.lecture, actor=campus.ines, marks=[Mark(campus.amira.pk, "late", 0)], reason="The river"
    )
    erase(campus, campus.amira)
    left = " ".join(AttendanceEvent.objects.exclude(body=None).values_list("body", flat=True))
    assert "river" not in left and "another one" not in left
    assert Attendance.objects.get(student=campus.amira).status == "late", "registers add up as before"


def test_what_is_recorded_later_goes_by_another_call(campus: Campus) -> None:
    mark(campus, campus.amira)
    first = erase(campus, campus.amira)
    later = mark(campus, campus.amira)
    assert later.body
    second = erase(campus, campus.amira)
    assert told(second)["erased"] == later.event_id.hex
    assert [event.erased_by for event in AttendanceEvent.objects.filter(student=campus.amira)] == [first, second]


def test_whose_time_was_over_is_erased_by_nobody(campus: Campus) -> None:
    moment = clock.now()
    erasure = erase_texts(person=campus.amira, actor=None, why=ErasureReason.RETENTION, moment=moment)
    assert (erasure.actor, erasure.organisation, erasure.received_at) == (None, campus.organisation, moment)
    assert (told(erasure)["why"], told(erasure)["actor"], told(erasure)["erased"]) == ("retention", None, "")


def test_nothing_went_if_the_erasure_of_the_person_fails(campus: Campus) -> None:
    mark(campus, campus.amira)
    before = list(AttendanceEvent.objects.values())
    with pytest.raises(RuntimeError), transaction.atomic():
        erase(campus, campus.amira)
        raise RuntimeError
    assert list(AttendanceEvent.objects.values()) == before


def test_many_texts_go_in_few_statements(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    for _time in range(7):
        mark(campus, campus.amira)
    monkeypatch.setattr(erased_texts, "BATCH", 3)
    with CaptureQueriesContext(connection) as statements:
        erase(campus, campus.amira)
    assert sum("UPDATE" in each["sql"] and "body" in each["sql"] for each in statements) == 3
    assert not AttendanceEvent.objects.filter(student=campus.amira).exclude(body=None).exists()


def test_sealing_goes_on_with_texts_that_are_gone(campus: Campus) -> None:
    mark(campus, campus.amira)
    erase(campus, campus.amira)
    mark(campus, campus.bilal)
    block = seal()
    assert block is not None and block.size == 3
    call_command("verify_ledger", verbosity=0)
