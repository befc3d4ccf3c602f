"""After an erasure no page that was kept shows the person, and no byte of it is left in Redis."""

import zlib

from pytest_django import Settings

from attendance.caching import rounds, stamps
from attendance.caching.bodies import read
from attendance.services.erased_texts import ErasureReason
from attendance.services.erasure import erase_person
from tests.cast import signed_in
from tests.pages.every import ACTORS, Stage, seen

NAME = b"Bilal"
READERS = [actor for actor in ACTORS if actor != "anonymous"]


def visited(stage: Stage) -> dict[tuple[str, str], bytes]:
    """Return every cached page as everybody sees it."""
    return {(actor, address): stage.cached(actor, address).body for actor in READERS for address in stage.addresses()}


def erase_bilal(stage: Stage) -> None:
    erase_person(person=stage.campus.bilal, actor=stage.campus.admin, why=ErasureReason.ASKED)


def kept_in_redis(settings: Settings) -> dict[bytes, bytes]:
    """Return everything this test has in Redis, compressed parts unpacked as well."""
    client = stamps.client()
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    texts = [key for key in client.scan_iter(match=f"*{prefix}*", count=1000) if client.type(key) == b"string"]
    lists = [key for key in client.scan_iter(match=f"*{prefix}*", count=1000) if client.type(key) == b"zset"]
    return {key: client.get(key) or b"" for key in texts} | {
        key: b"\n".join(client.zrange(key, 0, -1)) for key in lists
    }


def naming(kept: dict[bytes, bytes]) -> list[bytes]:
    """Return the keys that name Bilal, in themselves or in what they hold."""
    return [key for key, value in kept.items() if NAME.lower() in (key + value + _unpacked(value)).lower()]


def _unpacked(value: bytes) -> bytes:
    """Return what is compressed in a page that is kept."""
    start = value.find(b'{"headers"')
    if start < 0:
        return b""
    return b"".join(zlib.decompressobj(-zlib.MAX_WBITS).decompress(part) for part in read(value[start:]).packed)


def test_a_page_that_was_kept_names_the_person_no_more(stage: Stage) -> None:
    before = visited(stage)
    assert {actor for (actor, _address), body in before.items() if NAME in body} >= {"ines", "admin", "auditor"}
    erase_bilal(stage)
    assert rounds.run_now()
    assert [which for which, body in visited(stage).items() if NAME in body] == []
    for actor in ("ines", "admin"):
        for address in stage.addresses():
            assert stage.cached(actor, address) == stage.twin(actor, address)


def test_no_byte_is_left_in_redis(stage: Stage, settings: Settings) -> None:
    own = signed_in(stage.campus.bilal)
    for _time in range(2):
        assert seen(own, "/dashboard/").status == 200
        visited(stage)
        assert seen(stage.browsers["admin"], "/students/?q=bilal").status == 200
    kinds = {key.split(b":")[3] if b":e:" in key else key for key in naming(kept_in_redis(settings))}
    assert len(kinds) > 1
    erase_bilal(stage)
    assert naming(kept_in_redis(settings)) == []


def test_pages_of_a_group_go_with_those_of_its_members(stage: Stage, settings: Settings) -> None:
    stage.campus.organisation.parent = stage.campus.foreign_admin.organisation
    stage.campus.organisation.save()
    assert rounds.run_now()
    address = f"/lectures/{stage.campus.lecture.pk}/"
    for _time in range(2):
        seen(stage.browsers["foreign_admin"], "/students/?q=bilal")
        seen(stage.browsers["foreign_admin"], address)
    erase_bilal(stage)
    assert naming(kept_in_redis(settings)) == []


def test_without_redis_pages_name_the_person_no_more_either(stage: Stage, settings: Settings) -> None:
    settings.REDIS_URL = ""
    assert any(NAME in body for body in visited(stage).values())
    erase_bilal(stage)
    assert [which for which, body in visited(stage).items() if NAME in body] == []
