"""Nobody receives somebody else's page: every cached page, every pair of readers, cold and warm."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance.caching import keys, stamps
from attendance.caching.near import near
from attendance.models import User
from tests.pages.every import ACTORS, VIEWS, Stage, token_of


def test_every_declared_page_has_an_address() -> None:
    from attendance.caching.pages import registry

    assert {page.resource for page, _named in VIEWS.values()} == set(registry)


@pytest.mark.parametrize("name", VIEWS)
def test_each_of_two_readers_gets_the_own_page_in_any_order(
    stage: Stage, forget_pages: Callable[[], None], name: str
) -> None:
    User.objects.filter(pk=stage.campus.bilal.pk).update(language="ar")
    address = stage.address(name)
    twins = {actor: stage.twin(actor, address) for actor in ACTORS}
    for first in ACTORS:
        for second in ACTORS:
            forget_pages()
            for actor in (first, second, first, second):
                assert stage.cached(actor, address) == twins[actor], (first, second)


@pytest.mark.parametrize("name", VIEWS)
def test_in_memory_each_reader_gets_the_own_page(stage: Stage, anywhere: str, name: str) -> None:
    address = stage.address(name)
    for actor in (*ACTORS, *reversed(ACTORS), *ACTORS):
        assert stage.cached(actor, address) == stage.twin(actor, address), actor


def test_each_parameter_gives_the_page_of_the_twin_and_others_do_not_reach_it(stage: Stage) -> None:
    for address in stage.addresses():
        for actor in ("amira", "ines", "admin", "ines", "amira"):
            assert stage.cached(actor, address) == stage.twin(actor, address), (actor, address)


def test_an_unknown_parameter_multiplies_nothing(stage: Stage) -> None:
    stage.cached("ines", "/courses/?q=data")
    stage.cached("ines", "/courses/?q=data")
    other = "/courses/?utm=mail&q=+data+&page="
    assert stage.cached("ines", other).why == "LuminaLearn; hit"
    assert stage.cached("ines", other) == stage.twin("ines", other)


def test_a_language_that_a_browser_asks_for_gets_its_own_copy(stage: Stage) -> None:
    browser = stage.browsers["amira"]
    pages = [browser.get("/courses/", headers={"accept-language": each}).content for each in ("en", "ar", "en", "ar")]
    assert pages[0] != pages[1]
    assert [b'lang="ar"' in page[:60] for page in pages] == [False, True, False, True]


def test_a_theme_is_the_browsers_own(stage: Stage) -> None:
    stage.browsers["ines"].cookies["theme"] = "dark"
    for actor in ("kwame", "ines", "kwame", "ines"):
        body = stage.cached(actor, "/teachers/").body
        assert (b'data-theme="dark"' in body) == (actor == "ines")


def kept() -> dict[str, bytes]:
    """Return everything that lies in Redis as an entry."""
    found = stamps.client().scan_iter(match=f"{keys.entry('')}*", count=1000)
    return {key.decode(): stamps.client().get(key) or b"" for key in found}  # type: ignore[misc]


def test_what_is_kept_holds_no_cookie_no_token_and_no_name_of_its_first_reader(stage: Stage) -> None:
    for actor in ACTORS:
        for name in VIEWS:
            for _time in range(2):
                stage.cached(actor, stage.address(name))
    values = kept()
    assert len(values) > 2 * len(VIEWS)
    for browser in stage.browsers.values():
        for cookie in browser.cookies.values():
            holding = [key for key, value in values.items() if cookie.value.encode() in value or cookie.value in key]
            assert cookie.key == "language" or not holding, (cookie.key, holding)
    shared = {key: value for key, value in values.items() if ":lecture_detail:" in key}
    assert shared
    people = [getattr(stage.campus, actor) for actor in ACTORS if actor != "anonymous"]
    assert not [key for key, value in shared.items() for each in people if each.full_name.encode() in value]


def test_every_page_is_a_hit_the_third_time_and_costs_one_trip_and_no_query(stage: Stage, trips: list[object]) -> None:
    """The first request may only learn who may see the page, the second one makes it."""
    for name in VIEWS:
        for actor in ("amira", "ines", "admin"):
            address = stage.address(name)
            if [stage.cached(actor, address).status for _time in range(3)] != [200, 200, 200]:
                continue
            trips.clear()
            with CaptureQueriesContext(connection) as queries:
                stage.cached(actor, address)
            assert (len(queries), len(trips)) == (0, 1), (actor, address)


def test_a_hit_of_what_another_process_made_costs_two_trips_and_no_query(stage: Stage, trips: list[object]) -> None:
    for name in VIEWS:
        for _time in range(3):
            stage.cached("admin", stage.address(name))
        near.drop()
        trips.clear()
        with CaptureQueriesContext(connection) as queries:
            assert stage.cached("admin", stage.address(name)).why == "LuminaLearn; hit"
        assert (len(queries), len(trips)) == (0, 2), name


def test_what_another_process_made_anew_is_fetched(stage: Stage, trips: list[object]) -> None:
    for _time in range(3):
        stage.cached("admin", "/teachers/")
    copies = dict(near.copies)
    User.objects.filter(pk=stage.campus.ines.pk).update(family_name="Oliveira")
    renamed = [stage.cached("admin", "/teachers/") for _time in range(2)]
    near.copies.clear()
    near.copies.update(copies)  # As in a process that has not been asked since.
    trips.clear()
    assert stage.cached("admin", "/teachers/") == renamed[-1]
    assert len(trips) == 2 and b"Oliveira" in renamed[-1].body


def test_in_memory_a_hit_costs_one_query(stage: Stage, settings, trips: list[object]) -> None:
    settings.REDIS_URL = ""
    for name in VIEWS:
        address = stage.address(name)
        if stage.cached("admin", address).status == 200:
            trips.clear()
            with CaptureQueriesContext(connection) as queries:
                stage.cached("admin", address)
            assert (len(queries), len(trips)) == (1, 0), address


def test_forms_of_a_kept_page_are_taken(stage: Stage) -> None:
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(stage.campus.ines)
    pages = [browser.get(stage.address("course_show")) for _time in range(3)]
    assert pages[-1].headers["Cache-Status"] == "LuminaLearn; hit"
    tokens = {page.context["csrf_token"] for page in pages[:1]}
    sent = pages[-1].content.decode().partition('name="csrfmiddlewaretoken" value="')[2][:64]
    assert sent not in tokens and token_of(browser)
    code = browser.post(f"{stage.address('course_show')}code/", {"csrfmiddlewaretoken": sent})
    assert code.status_code == 302
    assert stage.campus.offering.__class__.objects.get(pk=stage.campus.offering.pk).enrolment_code
