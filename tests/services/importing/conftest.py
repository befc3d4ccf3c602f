"""An institution that has nothing but an administrator."""

import pytest

from attendance.models import Organisation, User
from tests.cast import person


@pytest.fixture
def school(db: None) -> Organisation:
    return Organisation.objects.create(slug="aldermoor", name="Aldermoor", time_zone="Europe/London")


@pytest.fixture
def admin(school: Organisation) -> User:
    return person(school, "tomas", "admin", "Tomas Lindqvist")
