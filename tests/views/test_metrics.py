"""`/metrics`: opened by its token alone, in the format that Prometheus reads, and about no person."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from attendance.caching import counters, rounds
from attendance.queries.directories import teacher_list
from tests.cast import Campus, signed_in
from tests.servers.product import bare_environment, run_python

TOKEN = "0123456789abcdefghij"
SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.e-]+')


@pytest.fixture
def opened(transactional_db: None, settings: Settings) -> None:
    """The page exists, and the cache works."""
    settings.METRICS_TOKEN = TOKEN
    counters.tally.take()
    assert rounds.run_now()


def metrics(**headers: str):
    return Client().get("/metrics", headers=headers or {"authorization": f"Bearer {TOKEN}"})


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ü"])
def test_without_the_token_it_is_refused(opened: None, shown: str) -> None:
    response = metrics(authorization=shown)
    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="metrics"'


def test_a_session_opens_nothing(opened: None, campus: Campus) -> None:
    assert signed_in(campus.admin).get("/metrics").status_code == 401


@pytest.mark.parametrize("token", ["", "Bearer "])
def test_without_a_token_in_the_settings_there_is_no_page(db: None, settings: Settings, token: str) -> None:
    settings.METRICS_TOKEN = ""
    assert metrics(authorization=f"Bearer {token}").status_code == 404


def test_it_only_reads(opened: None) -> None:
    assert Client().post("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 405


def test_every_line_is_of_the_format_and_every_metric_explained(opened: None, campus: Campus) -> None:
    for _time in range(3):
        teacher_list(organisation=campus.organisation.pk.hex)
    response = metrics()
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "no-store" in response.headers["Cache-Control"]
    text = response.content.decode()
    assert text.endswith("\n")
    lines = text.splitlines()
    assert not [line for line in lines if not line.startswith("# ") and not SAMPLE.fullmatch(line)]
    explained = {line.split()[2] for line in lines if line.startswith("# HELP")}
    typed = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    named = {re.sub("_(sum|count)$", "", re.split("[ {]", line)[0]) for line in lines if not line.startswith("#")}
    assert explained == typed == named
    assert len(lines) == len(set(lines)), "no sample stands there twice"


def test_figures_are_those_of_the_reads(opened: None, campus: Campus) -> None:
    for _time in range(5):
        teacher_list(organisation=campus.organisation.pk.hex)
    text = metrics().content.decode()
    assert 'lumina_cache_hits_total{resource="teacher_rows"} 4\n' in text
    assert 'lumina_cache_misses_total{resource="teacher_rows",cause="cold"} 1\n' in text
    assert 'lumina_cache_load_seconds_count{resource="teacher_rows"} 1\n' in text
    assert 'lumina_cache_entries{resource="teacher_rows"} 1\n' in text
    assert "lumina_cache_redis_up 1\n" in text
    assert "lumina_cache_degraded 0\n" in text
    assert 'lumina_cache_trouble{cause="silent"} 0\n' in text


def test_no_label_names_an_organisation_or_a_person(opened: None, campus: Campus) -> None:
    teacher_list(organisation=campus.organisation.pk.hex)
    text = metrics().content.decode()
    assert set(re.findall(r'[{,]([a-z]+)="', text)) == {"resource", "cause"}
    assert campus.organisation.pk.hex not in text


def test_without_redis_it_says_so(opened: None, settings: Settings, campus: Campus) -> None:
    settings.REDIS_URL = ""
    teacher_list(organisation=campus.organisation.pk.hex)
    text = metrics().content.decode()
    assert "lumina_cache_redis_up 0\n" in text and "lumina_cache_shared 0\n" in text
    assert 'lumina_cache_misses_total{resource="teacher_rows",cause="cold"} 1\n' in text
    assert "fence_age" not in text


def test_a_short_token_stops_the_start() -> None:
    answer = run_python("manage.py", "check", environment=bare_environment(METRICS_TOKEN="short"))
    assert answer.stderr == ("Configuration: METRICS_TOKEN is shorter than 20 characters; generate a longer one.\n")
