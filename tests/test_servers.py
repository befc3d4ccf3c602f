"""The servers under the tests are the real ones, and a cache that hangs does not hang the product."""

import json
import os
import signal
from pathlib import Path
from subprocess import Popen

import pytest
import redis
from django.core.cache import cache, caches
from django.db import connection
from django_redis import get_redis_connection
from pytest_django import Settings

from attendance.models import Organisation
from tests.servers.environment import PROJECT
from tests.servers.processes import ServerDidNotStartError, launch, start_on_free_port
from tests.servers.product import run_python
from tests.servers.redis_server import running_redis

ADD_ORGANISATION = """
import django
django.setup()
from attendance.models import Organisation
Organisation.objects.create(slug="lund", name="Lund")
"""


# --- Redis ------------------------------------------------------------------------------------------------------


def test_cached_values_lie_in_redis_as_json() -> None:
    cache.set("greeting", {"words": ["good", "morning"]}, timeout=60)

    client = get_redis_connection()
    key = cache.make_key("greeting")
    assert json.loads(client.get(key)) == {"words": ["good", "morning"]}
    assert 0 < client.ttl(key) <= 60
    assert cache.get("greeting") == {"words": ["good", "morning"]}


@pytest.mark.parametrize("writer", ["first", "second"])
@pytest.mark.parametrize("alias", ["default", "fallback"])
def test_no_test_sees_what_another_one_cached(alias: str, writer: str) -> None:
    assert caches[alias].get("writer") is None
    caches[alias].set("writer", writer)


def test_a_frozen_redis_costs_one_time_out(tmp_path: Path, settings: Settings) -> None:
    with running_redis(tmp_path / "redis") as server, redis.Redis.from_url(server.url) as observer:
        settings.CACHES = settings.CACHES | {"default": settings.CACHES["default"] | {"LOCATION": server.url}}
        cache.set("greeting", "good morning")
        connections = observer.info("stats")["total_connections_received"]
        server.process.send_signal(signal.SIGSTOP)

        with pytest.raises(redis.TimeoutError):
            cache.get("greeting")

        # Each further try would have knocked with a new connection.
        server.process.send_signal(signal.SIGCONT)
        assert observer.info("stats")["total_connections_received"] == connections
        assert get_redis_connection().connection_pool.connection_kwargs["socket_timeout"] == 0.25


# --- The database -----------------------------------------------------------------------------------------------


def test_the_database_is_the_one_that_was_asked_for() -> None:
    asked_for = os.environ.get("TEST_DATABASE_URL") or os.environ.get("TEST_DATABASE") or "sqlite"

    assert asked_for.startswith(connection.vendor)


@pytest.mark.django_db
def test_the_connection_works_as_the_settings_promise() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            answers = [
                cursor.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "recursive_triggers", "secure_delete", "busy_timeout")
            ]
            assert answers == ["wal", 1, 1, 1, 20_000]
        else:
            cursor.execute("SHOW server_version_num")
            assert int(cursor.fetchone()[0]) >= 140_000


def test_another_process_writes_to_the_same_database(process_environment: dict[str, str]) -> None:
    answer = run_python("-c", ADD_ORGANISATION, environment=process_environment)

    assert (answer.returncode, answer.stderr) == (0, "")
    assert [organisation.name for organisation in Organisation.objects.all()] == ["Lund"]


@pytest.mark.django_db
def test_the_next_test_finds_an_empty_database() -> None:
    assert not Organisation.objects.exists()


# --- Starting and stopping --------------------------------------------------------------------------------------


def test_a_server_that_cannot_start_is_reported_with_its_log(tmp_path: Path) -> None:
    def start(port: int) -> Popen[str]:
        return launch(["/bin/sh", "-c", f"echo the port {port} is no good; exit 1"], tmp_path)

    with pytest.raises(ServerDidNotStartError, match=r"the port \d+ is no good"):
        start_on_free_port(start, lambda port: False, tmp_path)


def test_a_stopped_server_is_gone(tmp_path: Path) -> None:
    with running_redis(tmp_path / "redis") as server:
        assert redis.Redis.from_url(server.url, socket_timeout=1).ping()

    assert server.process.returncode is not None


def test_the_developers_own_files_stay_out_of_it() -> None:
    assert not str(connection.settings_dict["NAME"]).startswith(str(PROJECT))
    assert os.environ["SECRET_KEY"].startswith("only-for-tests")
