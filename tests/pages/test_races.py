"""A reader who becomes somebody else between being recognised and being answered leaves no page to others."""

from collections.abc import Callable, Sequence

import pytest

from attendance.caching import background, entries
from attendance.caching.visits import Visit
from attendance.models import CourseStaff, Organisation, User
from tests.pages.every import Stage

ADDRESSES = ("teacher_list", "teacher_list_json", "lecture_show", "dashboard")
CHANGES: dict[str, Callable[[Stage], dict[str, object]]] = {
    "another role": lambda stage: {"role": "student"},
    "an operator": lambda stage: {"is_superuser": True},
    "another organisation": lambda stage: {"organisation": stage.campus.foreign_admin.organisation},
    "another language": lambda stage: {"language": "ar"},
}


@pytest.fixture
def changing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """A function that has something happen after the reader is recognised and before the view is asked, once."""

    def arrange(act: Callable[[], object]) -> None:
        make, done = Visit.make, list[bool]()

        def made(visit: Visit, principal: object) -> bytes:
            if not done:
                done.append(True)
                act()
            return make(visit, principal)

        monkeypatch.setattr(Visit, "make", made)

    return arrange


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ADDRESSES)
def test_who_changes_while_a_page_is_made_leaves_none_to_others(
    stage: Stage, changing: Callable[[Callable[[], object]], None], name: str, change: str
) -> None:
    for _time in range(2):  # Both are known, and may see the lecture.
        for actor in ("ines", "kwame"):
            stage.cached(actor, "/courses/")
    address = stage.address(name)
    if name == "lecture_show":
        for actor in ("ines", "kwame"):
            stage.cached(actor, address)
    changes = CHANGES[change](stage)
    changing(lambda: User.objects.filter(pk=stage.campus.ines.pk).update(**changes))
    stage.cached("ines", address)
    for actor in ("kwame", "ines", "kwame"):
        assert stage.cached(actor, address) == stage.twin(actor, address), actor


def test_who_changes_before_a_refresh_leaves_none_to_others(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    import time_machine

    from attendance import clock

    for _time in range(3):
        stage.cached("ines", "/teachers/")
        stage.cached("kwame", "/teachers/")
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr(background, "submit", waiting.append)
    later = clock.now().timestamp() + 271
    with time_machine.travel(later, tick=False):
        stage.cached("ines", "/teachers/")
        User.objects.filter(pk=stage.campus.ines.pk).update(language="ar")
        Organisation.objects.filter(pk=stage.campus.organisation.pk).update(name="Renamed")
        for work in waiting:
            work()
        for actor in ("kwame", "ines", "kwame"):
            assert stage.cached(actor, "/teachers/") == stage.twin(actor, "/teachers/"), actor
    assert waiting


BELONGING: dict[str, Callable[[Stage], object]] = {
    "out of the course's staff": lambda stage: CourseStaff.objects.filter(user=stage.campus.ines).delete(),
    "no owner any more": lambda stage: CourseStaff.objects.filter(user=stage.campus.ines).update(duty="assistant"),
}


@pytest.mark.parametrize("change", BELONGING)
@pytest.mark.parametrize("name", ["dashboard", "course_list", "course_show"])
def test_a_page_of_where_somebody_belonged_when_recognised_is_not_kept(
    stage: Stage, changing: Callable[[Callable[[], object]], None], name: str, change: str
) -> None:
    address = stage.address(name)
    for _time in range(2):
        stage.cached("ines", stage.address("teacher_list"))
    changing(lambda: BELONGING[change](stage))
    stage.cached("ines", address)
    for _time in range(3):
        assert stage.cached("ines", address) == stage.twin("ines", address)


@pytest.mark.parametrize("change", BELONGING)
@pytest.mark.parametrize("name", ["dashboard", "course_list", "course_show"])
def test_a_page_whose_stamps_are_taken_after_the_reader_changed_is_not_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str, change: str
) -> None:
    """What a reader is known by was read before the stamps of the page are taken, so that these do not speak of it."""
    address, take, done = stage.address(name), entries.take, list[bool]()
    for _time in range(2):
        stage.cached("ines", stage.address("teacher_list"))

    def taken_late(tags: Sequence[str]) -> entries.Taken:
        if not done:
            done.append(True)
            BELONGING[change](stage)
        return take(tags)

    monkeypatch.setattr(entries, "take", taken_late)
    stage.cached("ines", address)
    assert done
    for _time in range(3):
        assert stage.cached("ines", address) == stage.twin("ines", address)
