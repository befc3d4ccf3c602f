"""Pages in parts: what is put together is what was cut, as text and as a gzip member that others can read."""

import gzip

from hypothesis import given
from hypothesis import strategies as st

from attendance.caching import bodies, holes

PARTS = st.lists(st.binary(max_size=2_000), min_size=1, max_size=6)
VALUES = st.binary(max_size=300)


@given(parts=PARTS, value=VALUES, other=VALUES)
def test_a_body_is_whole_again_as_text_and_compressed(parts: list[bytes], value: bytes, other: bytes) -> None:
    names = [("a", "b")[number % 2] for number in range(len(parts) - 1)]
    body = bodies.read(bodies.written(bodies.made_of([("Content-Type", "text/html")], parts, names)))
    values = {"a": value, "b": other}
    plain = body.plain(values)
    expected = parts[0]
    for name, part in zip(names, parts[1:], strict=True):
        expected += values[name] + part
    assert plain == expected
    assert gzip.decompress(body.gzipped(plain, values)) == plain
    assert body.headers == [("Content-Type", "text/html")]


@given(first=PARTS, second=PARTS)
def test_two_bodies_have_one_mark_only_if_they_are_alike(first: list[bytes], second: list[bytes]) -> None:
    made = [bodies.made_of([], parts, ["a"] * (len(parts) - 1)) for parts in (first, second)]
    assert (made[0].mark == made[1].mark) == (first == second)


def test_a_marker_is_cut_out_and_text_that_looks_like_one_stays() -> None:
    with holes.marked() as nonce:
        page = f"<b>{holes.marker('name')}</b> hole:0123456789abcdef:name: {holes.marker('csrf')}"
    parts, names = holes.cut(page.encode(), nonce)
    assert (parts, names) == ([b"<b>", b"</b> hole:0123456789abcdef:name: ", b""], ["name", "csrf"])
    assert holes.marker("name") is None
