"""A page whose time is almost over is made anew in the background, once, while it is still served."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from attendance import clock
from attendance.caching import background, flights
from attendance.caching.lookups import Lookup
from attendance.models import LoginSession
from tests.pages.every import Stage


@pytest.fixture
def refreshed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was made anew, in the thread of the test itself."""
    names: list[str] = []
    refresh = flights.refresh

    def noted(wanted: Lookup) -> None:
        names.append(wanted.name)
        refresh(wanted)

    monkeypatch.setattr(flights, "refresh", noted)
    monkeypatch.setattr(background, "submit", lambda work: work())
    return names


def test_a_due_page_is_made_anew_once_and_served_meanwhile(stage: Stage, refreshed: list[str]) -> None:
    LoginSession.objects.update(expire_date=clock.now() + timedelta(days=2))
    for _time in range(3):
        stage.cached("ines", "/teachers/")
    with time_machine.travel(clock.now() + timedelta(seconds=271), tick=False):
        served = [stage.cached("ines", "/teachers/") for _time in range(4)]
        assert {each.why for each in served} == {"LuminaLearn; hit"}
        assert served == [stage.twin("ines", "/teachers/")] * 4
    assert len(refreshed) == 1 and refreshed[0].startswith("teacher_list:")


def test_another_thread_makes_it_with_a_request_of_its_own(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for _time in range(3):
        stage.cached("ines", "/teachers/")
    with ThreadPoolExecutor(1) as pool:

        def elsewhere(work) -> None:
            def run() -> None:
                try:
                    work()
                finally:
                    connection.close()

            pool.submit(run).result()

        monkeypatch.setattr(background, "submit", elsewhere)
        with time_machine.travel(clock.now() + timedelta(seconds=271), tick=False):
            served = [stage.cached("ines", "/teachers/") for _time in range(3)]
            assert served == [stage.twin("ines", "/teachers/")] * 3
