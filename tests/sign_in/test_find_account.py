"""Whom a typed name means."""

import pytest

from attendance.models import Organisation
from attendance.sign_in.backend import find_account
from tests.cast import Campus, person


@pytest.mark.parametrize("name", ["amira", "AMIRA", " amira ", "amira@aldermoor.example", "Amira@Aldermoor.Example"])
def test_a_user_name_or_an_address_means_its_account(campus: Campus, name: str) -> None:
    assert find_account(name) == campus.amira


@pytest.mark.parametrize("name", ["A2641873", "a2641873"])
def test_a_number_means_its_account_however_it_is_capitalised(campus: Campus, name: str) -> None:
    campus.amira.number = "A2641873"
    campus.amira.save()
    assert find_account(name) == campus.amira


@pytest.mark.parametrize("name", ["", "  ", "nobody", "ami", "%", "amira@"])
def test_other_names_mean_nobody(campus: Campus, name: str) -> None:
    campus.amira.number = ""
    campus.amira.save()
    assert find_account(name) is None


def test_a_number_that_two_institutions_gave_means_nobody(campus: Campus) -> None:
    elsewhere = Organisation.objects.create(slug="third", name="Third College")
    for organisation, username in ((campus.organisation, "first"), (elsewhere, "second")):
        account = person(organisation, username, "student", "Sam Byrne")
        account.number = "1001"
        account.save()
    assert find_account("1001") is None
    assert find_account("first") is not None
