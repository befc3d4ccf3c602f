"""Whatever changes what counts how, and by whichever way, is an act that names what it was before."""

import json
from typing import Any

import pytest
from django.urls import reverse

from attendance.importers.records import Kind
from attendance.models import AttendanceEvent, Import, Offering, Organisation, User
from attendance.services.courses import update_policy
from attendance.services.importing.applying import apply
from attendance.services.importing.undoing import undo
from attendance.services.institution import update_institution
from attendance.services.policies import INSTITUTION_POLICY, policy_recorded
from attendance.services.refusals import Refusal
from tests.cast import Campus, signed_in
from tests.services.importing.small_set import HASH, applied, prepared, record

ALWAYS_THERE = {"schema", "event", "organisation", "kind", "student", "actor", "received_at"}


def acts(actor: User) -> list[dict[str, Any]]:
    """Return what each act of the record tells beside who and when; each is a policy's, and that actor's."""
    told = []
    for event in AttendanceEvent.objects.order_by("pk"):
        body = json.loads(event.body or "")
        assert (event.kind, event.actor, body["actor"]) == ("policy_changed", actor, actor.pk)
        assert str(event.organisation_id) == body["organisation"]
        told.append({name: value for name, value in body.items() if name not in ALWAYS_THERE})
    return told


def fields(campus: Campus, **changes: object) -> dict[str, object]:
    own = {name: getattr(campus.organisation, name) for name in ("name", *INSTITUTION_POLICY, "campus_networks")}
    return own | changes


def form_of(campus: Campus, **changes: object) -> dict[str, object]:
    """Return the same as a form sends it."""
    return {name: "" if value is None else value for name, value in fields(campus, **changes).items()}


# --- By the pages -----------------------------------------------------------------------------------------------------


def test_a_line_that_moves_is_an_act_with_what_it_was(campus: Campus) -> None:
    changed = fields(campus, at_risk_percent=80, record_years=5, campus_networks=["192.0.2.0/24", "2001:db8::/32"])
    update_institution(organisation=campus.organisation, actor=campus.admin, fields=changed)
    assert acts(campus.admin) == [
        {
            "at_risk_percent": 80,
            "at_risk_percent_before": 75,
            "campus_networks": "192.0.2.0/24, 2001:db8::/32",
            "campus_networks_before": "",
            "record_years": 5,
            "record_years_before": None,
        }
    ]


@pytest.mark.parametrize("changes", [{}, {"name": "Aldermoor"}])
def test_what_changes_no_policy_is_no_act(campus: Campus, changes: dict[str, str]) -> None:
    update_institution(organisation=campus.organisation, actor=campus.admin, fields=fields(campus, **changes))
    same = {"late_weight": 100, "left_early_weight": 50, "remote_weight": 100}
    update_policy(offering=campus.offering, actor=campus.ines, blank_counts_absent=False, drop_lowest=0, **same)
    assert acts(campus.admin) == []


def test_lines_that_are_refused_leave_no_act(campus: Campus) -> None:
    with pytest.raises(Refusal):
        changed = fields(campus, late_after_minutes=3, session_minutes=0)
        update_institution(organisation=campus.organisation, actor=campus.admin, fields=changed)
    assert acts(campus.admin) == []
    assert Organisation.objects.get(pk=campus.organisation.pk).late_after_minutes == 10


def test_the_page_of_the_institution_records_its_reader(campus: Campus) -> None:
    sent = {name: value for name, value in form_of(campus, warning_percent=60).items() if name != "campus_networks"}
    assert signed_in(campus.admin).post(reverse("institution_edit"), sent).status_code == 302
    assert acts(campus.admin) == [{"warning_percent": 60, "warning_percent_before": 70}]


def test_before_is_what_was_stored_and_not_what_a_page_showed(campus: Campus) -> None:
    """Somebody else may have changed it while the form lay open."""
    Offering.objects.filter(pk=campus.offering.pk).update(drop_lowest=1)
    with policy_recorded(campus.offering, actor=campus.ines):
        campus.offering.drop_lowest = 2
        campus.offering.save()
    assert acts(campus.ines) == [{"offering": campus.offering.pk, "drop_lowest": 2, "drop_lowest_before": 1}]


def test_an_operator_who_changes_it_by_hand_leaves_an_act(campus: Campus) -> None:
    User.objects.filter(pk=campus.admin.pk).update(is_superuser=True)
    browser = signed_in(campus.admin)
    weights = {"late_weight": 60, "left_early_weight": 50, "remote_weight": 100, "drop_lowest": 0}
    keys = {"organisation": campus.organisation.pk, "course": campus.course.pk, "term": campus.term.pk}
    address = reverse("admin:attendance_offering_change", args=[campus.offering.pk])
    assert browser.post(address, {**keys, **weights}).status_code == 302
    assert acts(campus.admin) == [{"offering": campus.offering.pk, "late_weight": 60, "late_weight_before": 100}]
    sent = {**form_of(campus, session_minutes=20), "slug": "aldermoor", "campus_networks": "[]", "parent": ""}
    address = reverse("admin:attendance_organisation_change", args=[campus.organisation.pk])
    assert browser.post(address, sent).status_code == 302
    assert acts(campus.admin)[1:] == [{"session_minutes": 20, "session_minutes_before": 15}]


# --- By imports -------------------------------------------------------------------------------------------------------


def changing_import(campus: Campus) -> Import:
    return prepared(
        campus.organisation,
        record(Kind.INSTITUTION, name="Aldermoor", late_after_minutes=12),
        record(Kind.OFFERING, "CS 204", "Autumn", late_weight=80, blank_counts_absent=True),
    )


def test_an_import_that_changes_policies_records_each(campus: Campus) -> None:
    apply(prepared=changing_import(campus), file_hash=HASH, actor=campus.admin)
    assert acts(campus.admin) == [
        {"late_after_minutes": 12, "late_after_minutes_before": 10},
        {
            "offering": campus.offering.pk,
            "late_weight": 80,
            "late_weight_before": 100,
            "blank_counts_absent": 1,
            "blank_counts_absent_before": 0,
        },
    ]
    assert {event.received_at for event in AttendanceEvent.objects.all()} == {Import.objects.get().applied_at}


def test_taking_it_back_records_each_once_more(campus: Campus) -> None:
    done = apply(prepared=changing_import(campus), file_hash=HASH, actor=campus.admin)
    undo(applied=done, actor=campus.admin)
    back = acts(campus.admin)[2:]
    assert [each.get("late_weight") for each in back] == [100, None]
    assert back[1] == {"late_after_minutes": 10, "late_after_minutes_before": 12}


def test_an_import_that_changes_none_records_nothing(campus: Campus) -> None:
    applied(campus.organisation, record(Kind.INSTITUTION, name="Renamed"), actor=campus.admin)
    applied(campus.organisation, record(Kind.OFFERING, "CS 204", "Autumn", late_weight=100), actor=campus.admin)
    assert acts(campus.admin) == []


def test_without_anybody_to_answer_for_it_no_policy_changes(campus: Campus) -> None:
    User.objects.filter(role="admin").update(is_active=False)
    with pytest.raises(Refusal, match="policies need somebody who answers"):
        apply(prepared=changing_import(campus), file_hash=HASH, actor=None)
    assert Organisation.objects.get(pk=campus.organisation.pk).late_after_minutes == 10
    assert acts(campus.admin) == []
