"""The pages of requests: who sees which, and the way from a refused scan to a mark."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance import clock
from attendance.models import Attendance, CheckInAttempt, Request, User
from attendance.services import requests
from tests.cast import Campus, signed_in


def shown(reader: User, **query: str) -> list[Request]:
    return list(signed_in(reader).get(reverse("request_list"), query).context["page"])


def test_each_request_reaches_those_who_decide_it(campus: Campus) -> None:
    card = requests.file_other(student=campus.amira, kind="card", reason="Lost")
    drop = requests.file_other(student=campus.amira, kind="class_drop", reason="Too much", offering=campus.offering)
    assert shown(campus.amira) == [drop, card]
    assert shown(campus.ines) == shown(campus.kwame) == [drop]
    assert shown(campus.admin) == [drop, card]
    assert shown(campus.other_teacher) == shown(campus.bilal) == shown(campus.foreign_admin) == []
    requests.cancel(request=drop)
    assert shown(campus.ines) == [] and shown(campus.ines, status="cancelled") == [drop]
    assert shown(campus.admin, status="all") == [drop, card]


def test_from_a_refused_scan_to_a_mark(campus: Campus) -> None:
    scan = CheckInAttempt.objects.create(
        organisation=campus.organisation,
        student=campus.amira,
        lecture=campus.lecture,
        outcome="code_expired",
        scanned_at=clock.now(),
    )
    amira, ines = signed_in(campus.amira), signed_in(campus.ines)
    assert f"?scan={scan.pk}" in amira.get(reverse("scan_list")).content.decode()
    address = f"{reverse('correction_create')}?scan={scan.pk}"
    assert "The code was too old" in amira.get(address).content.decode()
    amira.post(address, {"wanted_status": "late", "reason": "My camera was slow"})
    claim = Request.objects.get()
    assert (claim.kind, claim.attempt) == ("claim", scan)
    assert "?scan=" not in amira.get(reverse("scan_list")).content.decode(), "it is claimed"
    ines.post(reverse("request_decide", args=[claim.pk]), {"decision": "approve", "answer": "Fine"})
    assert Attendance.objects.get().status == "late"
    page = amira.get(reverse("request_show", args=[claim.pk])).content.decode()
    assert "Fine" in page and "Completed" in page


@pytest.mark.parametrize("query", ["", "lecture=x", "lecture=999999", f"lecture={'9' * 40}", "scan=1", "scan=x"])
def test_a_correction_is_about_something_of_ones_own(campus: Campus, query: str) -> None:
    CheckInAttempt.objects.create(
        pk=1,
        organisation=campus.organisation,
        student=campus.bilal,
        lecture=campus.lecture,
        outcome="code_expired",
        scanned_at=clock.now(),
    )
    assert signed_in(campus.amira).get(f"{reverse('correction_create')}?{query}").status_code == 404


def test_a_lecture_of_another_course_is_not_corrected(campus: Campus) -> None:
    address = f"{reverse('correction_create')}?lecture={campus.lecture.pk}"
    assert signed_in(campus.outsider).get(address).status_code == 404
    assert signed_in(campus.amira).get(address).status_code == 200


@pytest.mark.parametrize(
    ("place", "form", "field"),
    [
        ("leave_create", {"from_day": "2026-13-01", "until_day": "", "reason": ""}, "from_day"),
        ("leave_create", {"from_day": "2026-10-02", "until_day": "2026-10-01", "reason": "Ill"}, "__all__"),
        ("request_create", {"kind": "wish", "reason": "A pony"}, "kind"),
        ("request_create", {"kind": "card", "reason": "x" * 501}, "reason"),
        ("request_create", {"kind": "card", "reason": "x" * 2_000_000}, "reason"),
        ("drop_create", {"offering": "999999", "reason": "Too much"}, "offering"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field(
    campus: Campus, place: str, form: dict[str, str], field: str
) -> None:
    response = signed_in(campus.amira).post(reverse(place), form)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Request.objects.exists()


@pytest.mark.parametrize("decision", ["", "perhaps"])
def test_a_decision_is_one_of_two(campus: Campus, decision: str) -> None:
    drop = requests.file_other(student=campus.amira, kind="class_drop", reason="Too much", offering=campus.offering)
    signed_in(campus.ines).post(reverse("request_decide", args=[drop.pk]), {"decision": decision})
    assert Request.objects.get().state == "pending"


def test_a_reason_with_a_script_stays_text(campus: Campus) -> None:
    card = requests.file_other(student=campus.amira, kind="card", reason="<script>alert(1)</script>")
    page = signed_in(campus.admin).get(reverse("request_show", args=[card.pk])).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize("place", ["request_list", "scan_list"])
def test_the_number_of_queries_stays_when_the_rows_double(campus: Campus, place: str) -> None:
    amira = signed_in(campus.amira)

    def add(number: int) -> None:
        for _each in range(number):
            requests.file_other(student=campus.amira, kind="card", reason="Lost")
            CheckInAttempt.objects.create(
                organisation=campus.organisation,
                student=campus.amira,
                lecture=campus.lecture,
                outcome="closed",
                scanned_at=clock.now(),
            )

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert amira.get(reverse(place)).status_code == 200
        return len(found)

    add(1)
    before = queries()
    add(30)
    assert queries() == before <= 10
