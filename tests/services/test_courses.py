"""Courses as people change them: a new policy is an act of the record."""

import json

import pytest

from attendance.models import AttendanceEvent, Offering
from attendance.services.courses import update_policy
from attendance.services.refusals import Refusal
from tests.cast import Campus

POLICY = {"late_weight": 40, "left_early_weight": 50, "remote_weight": 100, "blank_counts_absent": True}


def test_a_new_policy_is_an_event_with_what_it_was_before(campus: Campus) -> None:
    before = Offering.objects.get(pk=campus.offering.pk)
    update_policy(offering=campus.offering, actor=campus.ines, drop_lowest=2, **POLICY)
    event = AttendanceEvent.objects.get()
    told = json.loads(event.body or "")
    assert (event.kind, event.organisation, event.actor) == ("policy_changed", campus.organisation, campus.ines)
    assert (told["offering"], told["late_weight"], told["drop_lowest"]) == (campus.offering.pk, 40, 2)
    assert (told["late_weight_before"], told["drop_lowest_before"]) == (before.late_weight, before.drop_lowest)
    assert told["blank_counts_absent"] == 1


def test_a_policy_that_is_refused_leaves_no_event(campus: Campus) -> None:
    with pytest.raises(Refusal):
        update_policy(offering=campus.offering, actor=campus.ines, drop_lowest=2, **{**POLICY, "late_weight": 101})
    assert not AttendanceEvent.objects.exists()
