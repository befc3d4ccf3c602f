"""Erasing the texts of a person's events: they are gone, one event says so, and all that was proved stays proved."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from attendance import clock
from attendance.models import AttendanceEvent, User
from attendance.services.erased_texts import ErasureReason, erase_texts
from attendance.services.sealing import seal
from tests.cast import Campus
from tests.ledger.stage import log_of_three_blocks, mark

pytestmark = pytest.mark.django_db(transaction=True)


def erase(campus: Campus, person: User, why: ErasureReason = ErasureReason.ASKED) -> AttendanceEvent:
    actor = campus.admin if why == ErasureReason.ASKED else None
    return erase_texts(person=person, actor=actor, why=why, moment=clock.now())


def audit() -> str:
    said = StringIO()
    call_command("verify_ledger", stdout=said)
    return said.getvalue()


def test_texts_about_the_person_go_and_one_event_says_so(campus: Campus) -> None:
    log_of_three_blocks(campus)
    own = [event.event_id.hex for event in AttendanceEvent.objects.filter(student=campus.amira)]
    erasure = erase(campus, campus.amira)
    told = json.loads(erasure.body or "")
    assert (told["person"], told["why"], told["events"]) == (campus.amira.pk, "asked", 3)
    assert told["erased"] == " ".join(sorted(own))
    assert "Amira" not in (erasure.body or "") and erasure.student is None
    gone = AttendanceEvent.objects.filter(student=campus.amira)
    assert set(gone.values_list("body", "salt", "erased_by")) == {(None, None, erasure.pk)}
    assert not AttendanceEvent.objects.exclude(student=campus.amira).filter(body=None).exists()
    assert "whole" in audit()
    assert seal() is not None
    assert "4 blocks, 7 entries" in audit()
    mark(campus, campus.bilal)
