"""What an answer says of itself: not modified, compressed, and to staff why it is what it is."""

import gzip
from datetime import timedelta

import time_machine
from django.middleware.csrf import _does_token_match
from django.test import Client, override_settings

from attendance.caching import holes
from attendance.models import Lecture, User
from tests.cast import signed_in
from tests.pages.every import Stage, token_of


def etag(browser: Client, address: str) -> str:
    """Return the tag of a page that is kept."""
    return [browser.get(address).headers["ETag"] for _time in range(3)][-1]


def status(browser: Client, address: str, tag: str) -> int:
    return browser.get(address, headers={"if-none-match": tag}).status_code


def test_what_a_browser_has_is_not_sent_again_until_something_changes(stage: Stage) -> None:
    browser = stage.browsers["ines"]
    tag = etag(browser, "/teachers/")
    assert tag.startswith('W/"')
    unchanged = browser.get("/teachers/", headers={"if-none-match": tag})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["ETag"]) == (304, b"", tag)
    User.objects.filter(pk=stage.campus.kwame.pk).update(family_name="Mensah")
    assert status(browser, "/teachers/", tag) == 200
    assert etag(browser, "/teachers/") != tag


def test_a_page_of_the_same_rows_has_the_same_tag_again(stage: Stage) -> None:
    browser = stage.browsers["ines"]
    tag = etag(browser, "/teachers/")
    User.objects.filter(pk=stage.campus.kwame.pk).update(family_name="Mensah")
    User.objects.filter(pk=stage.campus.kwame.pk).update(family_name="Osei")
    assert etag(browser, "/teachers/") == tag


def test_another_reader_another_theme_and_another_secret_have_other_tags(stage: Stage) -> None:
    tag = etag(stage.browsers["ines"], "/teachers/")
    assert status(stage.browsers["kwame"], "/teachers/", tag) == 200
    stage.browsers["ines"].cookies["theme"] = "dark"
    assert status(stage.browsers["ines"], "/teachers/", tag) == 200
    stage.browsers["ines"].cookies["theme"] = "auto"
    assert status(stage.browsers["ines"], "/teachers/", tag) == 304
    stage.browsers["ines"].cookies["csrftoken"] = "z" * 32
    assert status(stage.browsers["ines"], "/teachers/", tag) == 200


def test_time_alone_gives_another_tag(stage: Stage) -> None:
    end = Lecture.objects.get(pk=stage.campus.lecture.pk).ends_at
    tag = etag(stage.browsers["ines"], "/dashboard/")
    with time_machine.travel(end + timedelta(seconds=1), tick=False):
        assert status(stage.browsers["ines"], "/dashboard/", tag) == 200


def test_a_kept_page_is_compressed_for_whoever_takes_it(stage: Stage) -> None:
    browser = stage.browsers["ines"]
    etag(browser, "/courses/")
    plain = browser.get("/courses/")
    packed = browser.get("/courses/", headers={"accept-encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip" and packed.headers["Content-Length"] == str(len(packed.content))
    whole = gzip.decompress(packed.content)
    assert len(whole) == len(plain.content) and whole[:600] == plain.content[:600]
    assert len(packed.content) < len(plain.content) / 2


def test_every_answer_may_be_used_again_by_its_browser_alone_and_after_asking(stage: Stage) -> None:
    for browser in (stage.browsers["ines"], stage.browsers["anonymous"], signed_in(stage.campus.ines)):
        for _time in range(3):
            assert browser.get("/courses/").headers["Cache-Control"] == "private, no-cache"


def test_a_hit_sets_no_cookie_and_varies_by_what_it_depends_on(stage: Stage) -> None:
    etag(stage.browsers["ines"], "/courses/")
    answer = stage.browsers["ines"].get("/courses/")
    assert not answer.cookies
    assert answer.headers["Vary"] == "Cookie, Accept-Language, Accept-Encoding"


def test_a_hit_has_the_headers_of_its_twin(stage: Stage) -> None:
    etag(stage.browsers["ines"], "/courses/")
    hit = stage.browsers["ines"].get("/courses/").headers
    with override_settings(CACHE_ENABLED=False):
        twin = stage.browsers["ines"].get("/courses/").headers
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"):
        assert hit[name] == twin[name], name


def test_students_are_not_told_why(stage: Stage) -> None:
    for actor, told in (("ines", True), ("auditor", True), ("amira", False), ("anonymous", False)):
        for _time in range(3):
            assert ("Cache-Status" in stage.browsers[actor].get("/courses/").headers) is told, actor


def test_a_head_request_is_answered_by_the_view(stage: Stage) -> None:
    etag(stage.browsers["ines"], "/courses/")
    answer = stage.browsers["ines"].head("/courses/")
    assert (answer.status_code, answer.content) == (200, b"") and "HEAD" in answer.headers["Cache-Status"]


def test_masked_tokens_are_djangos_and_never_the_same_twice(stage: Stage) -> None:
    request = stage.browsers["ines"].get("/courses/").wsgi_request
    tokens = {holes.fillers[holes.CSRF](request, None) for _time in range(50)}
    assert len(tokens) == 50
    assert all(_does_token_match(token, token_of(stage.browsers["ines"])) for token in tokens)
    assert {len(token) for token in tokens} == {64}
