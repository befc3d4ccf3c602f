"""Who of ours an OpenID provider vouches for."""

import pytest

from attendance.models import LinkedIdentity, Organisation, User
from attendance.services.identities import identify, unlink
from attendance.services.refusals import Refusal
from attendance.sign_in.openid.failures import Failure, OpenIdError
from attendance.sign_in.openid.tokens import Claims
from tests.cast import Campus, person
from tests.sign_in.acts import at_once

ISSUER = "https://id.aldermoor.example"


def claims(number: str, subject: str = "subject-1", issuer: str = ISSUER) -> Claims:
    return Claims(issuer, subject, number)


def refused(said: Claims) -> Failure:
    with pytest.raises(OpenIdError) as error:
        identify(claims=said, organisation="aldermoor")
    return error.value.failure


def test_a_number_is_looked_up_in_the_one_organisation(campus: Campus) -> None:
    twin = person(campus.foreign_admin.organisation, "amira2", "student", "Amira Malik")
    User.objects.filter(pk__in=[twin.pk, campus.amira.pk]).update(number="1001")
    part = Organisation.objects.create(slug="part", name="Business School", parent=campus.organisation)
    person(part, "lee", "student", "Lee Chen")
    assert identify(claims=claims("1001"), organisation="aldermoor") == campus.amira
    assert refused(claims("LEE", "subject-2")) is Failure.UNKNOWN
    with pytest.raises(OpenIdError):
        identify(claims=claims("1001", "subject-3"), organisation="nowhere")


def test_capitals_in_a_number_do_not_matter_unless_two_differ_by_them(campus: Campus) -> None:
    assert identify(claims=claims("amira"), organisation="aldermoor") == campus.amira
    User.objects.filter(pk=campus.outsider.pk).update(number="bilal")
    assert refused(claims("BILAL", "subject-2")) is Failure.UNKNOWN


def test_nobody_without_a_number_is_found_by_none(campus: Campus) -> None:
    User.objects.filter(pk=campus.amira.pk).update(number="")
    assert refused(claims("")) is Failure.UNKNOWN


def test_the_same_subject_of_another_issuer_is_somebody_else(campus: Campus) -> None:
    identify(claims=claims("AMIRA"), organisation="aldermoor")
    other = claims("BILAL", issuer="https://other.example")
    assert identify(claims=other, organisation="aldermoor") == campus.bilal


def test_a_second_subject_does_not_get_a_linked_account(campus: Campus) -> None:
    identify(claims=claims("AMIRA"), organisation="aldermoor")
    assert refused(claims("AMIRA", "subject-2")) is Failure.TAKEN
    assert LinkedIdentity.objects.get().subject == "subject-1"


@pytest.mark.django_db(transaction=True)
def test_two_first_logins_at_once_link_once_and_both_get_in(campus: Campus) -> None:
    people = at_once(4, lambda _each: identify(claims=claims("AMIRA"), organisation="aldermoor"))
    assert set(people) == {campus.amira}
    assert LinkedIdentity.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_subjects_with_one_number_at_once_one_gets_in(campus: Campus) -> None:
    def come(each: int) -> str:
        try:
            identify(claims=claims("AMIRA", f"subject-{each}"), organisation="aldermoor")
        except OpenIdError as error:
            return error.failure.value
        return "in"

    assert sorted(at_once(4, come)) == ["in", "taken", "taken", "taken"]


def test_who_became_an_operator_comes_in_by_password_only(campus: Campus) -> None:
    identify(claims=claims("AMIRA"), organisation="aldermoor")
    User.objects.filter(pk=campus.amira.pk).update(is_superuser=True)
    assert refused(claims("AMIRA")) is Failure.OPERATOR


def test_after_unlinking_the_number_counts_again(campus: Campus) -> None:
    identify(claims=claims("AMIRA"), organisation="aldermoor")
    assert unlink(person=campus.amira, actor=campus.admin) == 1
    assert unlink(person=campus.amira, actor=campus.admin) == 0
    assert identify(claims=claims("AMIRA", "subject-2"), organisation="aldermoor") == campus.amira


def test_an_operators_login_is_forgotten_by_operators_only(campus: Campus) -> None:
    User.objects.filter(pk=campus.bilal.pk).update(is_superuser=True)
    with pytest.raises(Refusal, match="is an operator"):
        unlink(person=campus.bilal, actor=campus.admin)
