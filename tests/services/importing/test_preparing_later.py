"""Comparing in the background: it says that it lives, in the reader's language, and says when it broke."""

import threading
from datetime import timedelta

import pytest
from django.utils.translation import override

from attendance import clock
from attendance.importers.records import Kind, Reading, UnreadableError
from attendance.models import Import, Organisation
from attendance.services.importing import preparing
from attendance.services.importing.preparing import begin, prepare_later
from tests.services.importing.small_set import WITHOUT_MARKS, record


@pytest.fixture
def started(transactional_db: None) -> Import:
    school = Organisation.objects.create(slug="aldermoor", name="Aldermoor")
    return begin(organisation=school, source="csv", file_name="set.zip", file_hash="", actor=None)


def finished(started: Import) -> Import:
    """Wait until the one thread that compares has nothing left to do."""
    preparing.comparing.submit(lambda: None).result(timeout=60)
    started.refresh_from_db()
    return started


def test_it_is_compared_after_the_answer(started: Import) -> None:
    prepare_later(started=started, read=lambda: Reading(records=WITHOUT_MARKS))
    assert finished(started).state == Import.State.PREPARED


def test_while_it_is_read_it_is_touched(started: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "BEAT_SECONDS", 0.05)
    long_ago = clock.now() - timedelta(hours=1)
    Import.objects.filter(pk=started.pk).update(touched_at=long_ago)
    touched = threading.Event()

    def read() -> Reading:
        while not touched.is_set():
            if Import.objects.get(pk=started.pk).touched_at > long_ago:
                touched.set()
        return Reading(records=())

    prepare_later(started=started, read=read)
    assert touched.wait(30)
    assert finished(started).state == Import.State.PREPARED


def test_refusals_are_in_the_language_of_whoever_sent_it(started: Import) -> None:
    with override("ar"):
        prepare_later(started=started, read=lambda: Reading(records=(record(Kind.OFFERING, "CS 204", "Autumn"),)))
    (row,) = finished(started).rows.all()
    assert row.reason.startswith("لا يوجد مقرر")


def test_a_file_that_cannot_be_read_is_said(started: Import) -> None:
    def read() -> Reading:
        raise UnreadableError("The file is no zip.")

    prepare_later(started=started, read=read)
    assert finished(started).problem == "The file is no zip."


def test_a_fault_of_ours_is_logged_and_said(started: Import, caplog: pytest.LogCaptureFixture) -> None:
    def read() -> Reading:
        raise ZeroDivisionError

    prepare_later(started=started, read=read)
    assert finished(started).problem == "Something went wrong on our side while the file was compared. It is logged."
    assert "ZeroDivisionError" in caplog.text
