"""CSV files by the letter of RFC 4180, and cells that no spreadsheet runs."""

import csv
import io
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.archives.csv_files import Cell, csv_file, written


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("", ""),
        ("Hall B-12", "Hall B-12"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (-5, "-5"),
        (date(2026, 9, 14), "2026-09-14"),
        (time(9), "09:00"),
        (time(9, 0, 30), "09:00:30"),
        (datetime(2026, 9, 14, 9, tzinfo=UTC), "2026-09-14T09:00+00:00"),
        (datetime(2026, 9, 14, 9, tzinfo=ZoneInfo("Europe/Prague")), "2026-09-14T07:00+00:00"),
        (datetime(2026, 9, 14, 9, 0, 5, 123456, tzinfo=UTC), "2026-09-14T09:00:05+00:00"),
        ("=SUM(A1)", "'=SUM(A1)"),
        ("+420 1", "'+420 1"),
        ("-1", "'-1"),
        ("@here", "'@here"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("'=x", "''=x"),
        ("''+x", "'''+x"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("a=b", "a=b"),
    ],
)
def test_how_a_cell_is_written(cell: Cell, text: str) -> None:
    assert written(cell) == text


def test_lines_end_and_cells_are_quoted_as_the_rfc_says() -> None:
    rows = [["a,b", 'say "x"'], ["two\r\nlines", "Hanáček"]]

    assert b"".join(csv_file(["one", "two"], rows)) == (
        'one,two\r\n"a,b","say ""x"""\r\n"two\r\nlines",Hanáček\r\n'.encode()
    )


def test_a_file_without_rows_has_its_header() -> None:
    assert b"".join(csv_file(["one"], [])) == b"one\r\n"


def test_rows_are_handed_on_some_hundred_at_a_time() -> None:
    chunks = list(csv_file(["n"], ([number] for number in range(1200))))

    assert len(chunks) == 3
    assert b"".join(chunks).count(b"\r\n") == 1201


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_every_text_comes_back_once_its_apostrophe_is_taken_away(rows: list[tuple[str, str]]) -> None:
    text = b"".join(csv_file(["one", "two"], rows)).decode()
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]

    guarded = ("=", "+", "-", "@", "\t", "\r")
    assert not [cell for row in read for cell in row if cell.startswith(guarded)]
    assert [tuple(cell.removeprefix("'") if is_guarded(cell) else cell for cell in row) for row in read] == rows


def is_guarded(cell: str) -> bool:
    return cell.startswith("'") and cell.lstrip("'").startswith(("=", "+", "-", "@", "\t", "\r"))
