"""Redis behind `rediss://` and a password: only a right certificate and a right password are spoken to."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from attendance.caching import rounds
from attendance.caching.breaker import redis_breaker
from attendance.models import Room
from attendance_system.redis_location import redis_cache
from tests.caching.conftest import Rooms
from tests.faults.cache_way import ways_to
from tests.kinds import served_from_cache
from tests.servers.redis_server import RunningRedis, running_redis


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    """Who signs the certificate of our Redis; its own certificate lies in `ca.pem`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return authority


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningRedis]:
    with running_redis(tmp_path / "redis") as running:
        yield running


@contextmanager
def encrypted(server: RunningRedis, signed_by: trustme.CA, ca_file: Path) -> Iterator[str]:
    """Open an encrypted way to the server, and yield its address for somebody who trusts the authorities of a file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    signed_by.issue_cert("127.0.0.1").configure_cert(context)
    parts = urlsplit(server.url)
    with ways_to(parts.port or 0, 1, encryption=context) as (way,):
        yield f"rediss://:{parts.password}@127.0.0.1:{way.port}/0?ssl_ca_certs={ca_file}"


def use(settings: Settings, url: str) -> None:
    """Have the product speak to that Redis."""
    settings.REDIS_URL = url
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    settings.CACHES = {**settings.CACHES, "default": {**redis_cache(url), "KEY_PREFIX": prefix}}


def test_an_encrypted_line_gives_hits(
    rooms: Rooms,
    make_room: Callable[[str], Room],
    settings: Settings,
    server: RunningRedis,
    authority: trustme.CA,
    tmp_path: Path,
) -> None:
    with encrypted(server, authority, tmp_path / "ca.pem") as url:
        use(settings, url)
        assert rounds.run_now()
        make_room("A")
        assert rooms.now() == ["A"]
        with served_from_cache():
            assert rooms.now() == ["A"]


def test_a_certificate_of_somebody_else_is_not_spoken_to(
    rooms: Rooms,
    make_room: Callable[[str], Room],
    settings: Settings,
    server: RunningRedis,
    authority: trustme.CA,
    tmp_path: Path,
) -> None:
    with encrypted(server, trustme.CA(), tmp_path / "ca.pem") as url:
        use(settings, url)
        make_room("A")
        assert rooms.now() == ["A"]
        assert redis_breaker.open


def test_a_wrong_password_costs_nothing_but_the_cache(
    rooms: Rooms, make_room: Callable[[str], Room], settings: Settings, server: RunningRedis
) -> None:
    use(settings, f"redis://:wrong@127.0.0.1:{urlsplit(server.url).port}/0")
    make_room("A")
    assert rooms.now() == ["A"]
    assert redis_breaker.open


def test_a_file_of_authorities_has_to_be_there() -> None:
    with pytest.raises(ImproperlyConfigured, match="no such file"):
        redis_cache("rediss://redis.example.org:6380/1?ssl_ca_certs=/no/such/file.pem")
