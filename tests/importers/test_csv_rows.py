"""From bytes to rows: what separates cells, what a line is, and files that are hostile or merely broken."""

import csv
import io
import threading
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.importers.csv_rows import MAX_ROW_BYTES, MAX_ROWS, RawRow, raw_rows
from attendance.importers.records import UnreadableError

MEGABYTE = 1024 * 1024


def rows(content: bytes | str) -> list[RawRow]:
    return list(raw_rows(content.encode() if isinstance(content, str) else content, "rooms.csv"))


def cells(content: bytes | str) -> list[list[str]]:
    return [row.cells for row in rows(content)]


def refusal(content: bytes | str) -> str:
    with pytest.raises(UnreadableError) as raised:
        rows(content)
    return str(raised.value)


# --- What rows and cells are ------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_header_tells_what_separates_cells(delimiter: str, ending: str, mark: str) -> None:
    text = f"{mark}name{delimiter}capacity{ending}A1{delimiter}30{ending}"
    assert rows(text) == [RawRow(1, ["name", "capacity"]), RawRow(2, ["A1", "30"])]


def test_a_row_is_named_by_the_line_it_begins_in() -> None:
    text = 'name,topic\n\nA1,"two\nlines"\n\r\nA2,one'
    assert [(row.line, row.cells) for row in rows(text)][1:] == [(3, ["A1", "two\nlines"]), (6, ["A2", "one"])]


def test_quotation_marks_hold_separators_and_doubled_marks() -> None:
    assert cells('a,b\n"x, y","say ""hi"""\n6" pipe,z\n')[1:] == [["x, y", 'say "hi"'], ['6" pipe', "z"]]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_a_blank_file_has_no_rows(text: str) -> None:
    assert rows(text) == []


@pytest.mark.parametrize("bad", ['"Ann" Smith,1', '"Ann"x', "one\rtwo,1"])
def test_a_row_that_cannot_be_cut_into_cells_is_refused_alone(bad: str) -> None:
    found = rows(f"name,capacity\n{bad}\nA2,3\n")
    assert [(row.line, bool(row.problem)) for row in found] == [(1, False), (2, True), (3, False)]
    assert found[1].problem == (
        "A quotation mark or a line break stands in the middle of a cell. Quote the cell, and double its marks."
    )


# --- Files that are refused -------------------------------------------------------------------------------------


def test_a_quotation_mark_that_is_never_closed_is_named_with_its_line() -> None:
    assert refusal('name,capacity\nA1,30\nA2,"12\nA3,5\n') == (
        "A quotation mark is opened in line 3 of rooms.csv and never closed. Close it, or take it away."
    )


@pytest.mark.parametrize(
    ("content", "offset", "line"),
    [
        (b"name\nCaf\xe9\n", 8, 2),
        ("name\nÉcole\n".encode() + b"Caf\xe9", 15, 3),
        (b"\xef\xbb\xbfname\n\xff", 8, 2),
        (b"name\n\xed\xa0\x80\n", 5, 2),
        (b"name\n\xc0\xaf\n", 5, 2),
        ("ناجي\n".encode("cp1256"), 0, 1),
    ],
)
def test_what_is_not_utf_8_is_refused_with_the_offset_of_the_byte(content: bytes, offset: int, line: int) -> None:
    with pytest.raises(UnicodeDecodeError) as raised:
        content.decode()
    assert raised.value.start == offset
    assert refusal(content) == (
        f"rooms.csv is not UTF-8: byte {offset}, in line {line}, is none. Save it as “CSV UTF-8”."
    )


def test_utf_16_is_named() -> None:
    assert refusal("name\nA1\n".encode("utf-16")) == "rooms.csv is UTF-16. Save it as “CSV UTF-8”."
    assert refusal("name\nA1\n".encode("utf-16-le")) == (
        "Line 1 of rooms.csv holds a byte 0, so it is no text in UTF-8. Save it as “CSV UTF-8”."
    )


def test_a_byte_0_is_refused_with_its_line() -> None:
    assert "Line 3 of rooms.csv holds a byte 0" in refusal("name\nA1\nA\0 2\n")


def test_100_000_rows_are_taken_and_one_more_is_not() -> None:
    text = "name\n" + "A1\n\n" * MAX_ROWS
    assert len(rows(text)) == MAX_ROWS + 1
    assert refusal(text + "A2\n") == "rooms.csv has more than 100000 rows. Split it."


def test_a_file_of_blank_lines_is_not_read_to_its_end() -> None:
    text = "name\n" + "\n" * (5 * MEGABYTE)
    assert refusal(text) == "rooms.csv has more than 100000 blank lines. Take them away."


# --- Cells of a hundred megabytes -------------------------------------------------------------------------------

HUGE = 100 * MEGABYTE


@pytest.mark.parametrize(
    ("before", "filling", "line"),
    [
        (b"name\nA1\n", b"x", 3),
        (b'name\nA1\n"', b"x", 3),
        (b'name\nA1\nA2\n"', b"x\n", 4),
        (b'name\n"', b'""', 2),
        (b"", b"x", 1),
        (b"", b",", 1),
        (b"name\n", b'","', 2),
    ],
)
def test_a_cell_of_100_megabytes_is_refused_quickly_with_little_memory(
    before: bytes, filling: bytes, line: int
) -> None:
    content = before + filling * (HUGE // len(filling))
    tracemalloc.start()
    began = time.process_time()
    try:
        sentence = refusal(content)
        assert tracemalloc.get_traced_memory()[1] < 16 * MEGABYTE
    finally:
        tracemalloc.stop()
    assert sentence == f"The row in line {line} of rooms.csv is longer than 128 kB. Is a quotation mark missing?"
    assert time.process_time() - began < 2


def test_a_row_may_have_128_kilobytes_in_several_lines() -> None:
    half = "x" * (MAX_ROW_BYTES // 2 - 2)
    fits = f'name\n"{half}\n{half}"'
    assert len(cells(fits)[1][0]) == MAX_ROW_BYTES - 3
    assert len(cells(f'{fits}\n{half}\n"{half}\n{half}"\n')) == 4
    assert "line 2" in refusal(f'name\n"{half}\n{half}xx"')


def test_the_limit_of_the_parser_is_nobody_elses_and_stays() -> None:
    before = csv.field_size_limit()
    assert before >= MAX_ROW_BYTES
    threads = [threading.Thread(target=rows, args=(b"name\n" + b"x" * 100_000,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert csv.field_size_limit() == before


def test_a_file_is_decoded_no_further_than_it_is_read() -> None:
    first = next(raw_rows(b"name\nA1\n\xff", "rooms.csv"))
    assert first == RawRow(1, ["name"])


# --- Anything ---------------------------------------------------------------------------------------------------

TABLES = st.lists(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5),
    max_size=6,
)


@given(TABLES, st.sampled_from(",;\t"), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_any_table_that_is_written_is_read_back_equal(table: list[list[str]], delimiter: str, quoting: int) -> None:
    whole = [["name", "capacity"], *table]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=quoting).writerows(whole)
    assert cells(file.getvalue()) == whole


@given(st.binary() | st.text(',;\t"\n\r\0aé\ufeff').map(str.encode))
def test_any_bytes_are_rows_or_refused(content: bytes) -> None:
    try:
        found = rows(content)
    except UnreadableError as error:
        assert str(error)
    else:
        lines = [row.line for row in found]
        assert lines == sorted(set(lines))
