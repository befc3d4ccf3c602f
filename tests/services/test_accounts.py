"""What administrators may do to accounts."""

from collections.abc import Callable

import pytest

from attendance.models import LoginSession, User
from attendance.services import accounts
from attendance.services.refusals import Refusal
from tests.cast import Campus, signed_in
from tests.sign_in.acts import browser_of, with_password

Act = Callable[[User, User], object]
ACTS: dict[str, Act] = {
    "change_role": lambda person, actor: accounts.change_role(person=person, role=User.Role.AUDITOR, actor=actor),
    "activate": lambda person, actor: accounts.activate(person=person, actor=actor),
    "deactivate": lambda person, actor: accounts.deactivate(person=person, actor=actor),
    "sign_out": lambda person, actor: accounts.sign_out(person=person, actor=actor),
}


@pytest.fixture(params=ACTS)
def act(request: pytest.FixtureRequest) -> Act:
    return ACTS[request.param]


def stored(person: User) -> tuple[str, bool]:
    now = User.objects.get(pk=person.pk)
    return now.role, now.is_active


def test_nobody_changes_the_own_account(campus: Campus, act: Act) -> None:
    before = stored(campus.admin)
    with pytest.raises(Refusal, match="your own account"):
        act(campus.admin, campus.admin)
    assert stored(campus.admin) == before


def test_an_administrator_cannot_touch_an_operator(campus: Campus, act: Act) -> None:
    campus.ines.is_superuser = True
    campus.ines.save()
    signed_in(campus.ines)
    with pytest.raises(Refusal, match="Ines Ferreira is an operator"):
        act(campus.ines, campus.admin)
    assert stored(campus.ines) == ("teacher", True)
    assert LoginSession.objects.filter(user=campus.ines).count() == 1


def test_an_operator_can_touch_another_operator(campus: Campus, act: Act) -> None:
    User.objects.filter(pk__in=[campus.admin.pk, campus.ines.pk]).update(is_superuser=True)
    campus.admin.refresh_from_db()
    act(campus.ines, campus.admin)


def test_signing_out_ends_the_sessions_of_that_person_only(campus: Campus) -> None:
    browsers = [signed_in(campus.ines), signed_in(campus.ines)]
    classmate = signed_in(campus.amira)
    assert accounts.sign_out(person=campus.ines, actor=campus.admin) == 2
    assert [browser.get("/me/").status_code for browser in (*browsers, classmate)] == [302, 302, 200]


def test_a_role_counts_from_the_next_request_on(campus: Campus) -> None:
    browser = signed_in(campus.ines)
    assert browser.get("/people/").status_code == 404
    accounts.change_role(person=campus.ines, role=User.Role.ADMIN, actor=campus.admin)
    assert browser.get("/people/").status_code == 200
    accounts.change_role(person=campus.ines, role=User.Role.TEACHER, actor=campus.admin)
    assert browser.get("/people/").status_code == 404


def test_deactivating_signs_out_and_leaves_the_record(campus: Campus) -> None:
    browser = browser_of(with_password(campus.amira))
    accounts.deactivate(person=campus.amira, actor=campus.admin)
    assert browser.get("/me/").status_code == 302
    assert not LoginSession.objects.filter(user=campus.amira).exists()
    assert campus.amira.enrolments.count() == 1

    accounts.activate(person=campus.amira, actor=campus.admin)
    assert browser.get("/me/").status_code == 302
    assert browser_of(campus.amira).get("/me/").status_code == 200


def test_a_deactivation_in_the_database_alone_counts_from_the_next_request_on(campus: Campus) -> None:
    browser = signed_in(campus.amira)
    assert browser.get("/me/").status_code == 200
    User.objects.filter(pk=campus.amira.pk).update(is_active=False)
    assert browser.get("/me/").status_code == 302
