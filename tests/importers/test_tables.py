"""Rows under the columns asked for: headers in any order and spelling, cells cleaned or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.importers.csv_rows import MAX_ROWS_TOGETHER
from attendance.importers.records import Place, Refused, UnreadableError
from attendance.importers.tables import Columns, MisfitError, Row, Table, check_together, clean, read_table

COLUMNS = Columns(needed=("name",), read=("capacity", "archived"), unread=("colour",))


def table(text: str) -> Table:
    return read_table(text.encode(), "rooms.csv", COLUMNS)


def cells(text: str) -> list[dict[str, str]]:
    found = table(text)
    assert found.refused == []
    return [row.cells for row in found.rows]


def refusals(text: str) -> list[tuple[int, str, str]]:
    return [(each.place.line, each.field, each.reason) for each in table(text).refused]


def unreadable(text: str) -> str:
    with pytest.raises(UnreadableError) as raised:
        table(text)
    return str(raised.value)


# --- Headers ----------------------------------------------------------------------------------------------------


def test_columns_come_in_any_order_and_capitals() -> None:
    assert cells(" Capacity ,NAME\n30,A1\n") == [{"capacity": "30", "name": "A1"}]


def test_columns_that_are_known_and_not_read_are_left_out_in_silence() -> None:
    found = table("name,colour\nA1,red\n")
    assert ([row.cells for row in found.rows], found.notes, found.columns) == ([{"name": "A1"}], [], ("name",))


def test_columns_that_nobody_knows_are_noted() -> None:
    assert table("name,floor,capasity\nA1,2,30\n").notes == [
        "Column “floor” of rooms.csv was not read.",
        "Column “capasity” of rooms.csv was not read. Is “capacity” meant?",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "rooms.csv is empty."),
        ("\n\n", "rooms.csv is empty."),
        ("capacity\n30\n", "rooms.csv has no column “name”."),
        ("nmae,capacity\nA1,30\n", "rooms.csv has no column “name”. Is it the one named “nmae”?"),
        ("name,Name\nA1,A1\n", "Column “Name” stands in rooms.csv twice. Take one away."),
        ("name,floor,floor\nA1,1,1\n", "Column “floor” stands in rooms.csv twice. Take one away."),
        (",,\n", "rooms.csv has no column “name”."),
        (
            '"name"x,capacity\nA1,30\n',
            "rooms.csv: A quotation mark or a line break stands in the middle of a cell. "
            "Quote the cell, and double its marks.",
        ),
        ("name" + ",x" * 200 + "\n", "rooms.csv has more than 200 columns."),
    ],
)
def test_a_header_that_does_not_do_makes_the_file_unreadable(text: str, sentence: str) -> None:
    assert unreadable(text) == sentence


def test_a_header_alone_is_a_table_without_rows() -> None:
    assert cells("name,capacity\n") == []


def test_the_longest_header_is_compared_in_no_time() -> None:
    assert len(table("name," + ",".join(f"{number}{'x' * 600}" for number in range(190)) + "\n").notes) == 190


# --- Rows -------------------------------------------------------------------------------------------------------


def test_a_row_of_blank_cells_is_none() -> None:
    assert cells("name,capacity\n,\n  ,\t\nA1,\n") == [{"name": "A1", "capacity": ""}]


def test_a_short_row_says_nothing_in_the_columns_it_lacks() -> None:
    assert cells("name,capacity,archived\nA1,30\n") == [{"name": "A1", "capacity": "30"}]


def test_cells_behind_the_last_column_have_to_be_blank() -> None:
    assert cells("name,capacity,,\nA1,30,, ,,\n") == [{"name": "A1", "capacity": "30"}]
    assert refusals("name,capacity\nA1,30,12\n") == [
        (2, "", "The row has 3 cells and the header 2. Quote what holds a comma.")
    ]
    assert refusals("name,capacity,,\nA1,30,,x\n") == [
        (2, "", "The row has 4 cells and the header 2. Quote what holds a comma.")
    ]


def test_a_row_is_refused_for_the_first_cell_that_cannot_be_taken() -> None:
    found = table("name,capacity\n=A1,=1\nA2,+1\nA3,1\n")
    assert [(each.place.line, each.field) for each in found.refused] == [(2, "name"), (3, "capacity")]
    assert all(isinstance(each, Refused) for each in found.refused)
    assert [row.line for row in found.rows] == [4]


def test_columns_that_are_not_read_may_hold_anything() -> None:
    assert cells('name,colour,floor\nA1,=1+1,"two\nlines"\n') == [{"name": "A1"}]


def test_files_together_have_a_limit_of_rows() -> None:
    rows = [Row(number, {}) for number in range(MAX_ROWS_TOGETHER - 1)]
    refused = [Refused(Place("b.csv", 1), "", "bad")]
    check_together([Table("a.csv", (), rows), Table("b.csv", (), [], refused)])
    with pytest.raises(UnreadableError) as raised:
        check_together([Table("a.csv", (), rows), Table("b.csv", (), [Row(1, {})], refused)])
    assert str(raised.value) == "The files together have more than 300000 rows. Split them."


# --- Cells ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("  A1\u00a0", "A1"),
        ("", ""),
        ("'=1+1", "=1+1"),
        ("'+44 20", "+44 20"),
        ("'-", "-"),
        ("'@home", "@home"),
        ("'\tA1", "A1"),
        ("'\rA1", "A1"),
        (" '=1", "=1"),
        ("''=1", "'=1"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("'", "'"),
        ("-", "-"),
        ("-5", "-5"),
        ("-1,5", "-1,5"),
        ("A=1+1", "A=1+1"),
        ("O'Neil", "O'Neil"),
        ("نجوى", "نجوى"),
        ("a\u200fb", "a\u200fb"),
        ("🎓", "🎓"),
    ],
)
def test_a_cell_is_trimmed_and_loses_its_protection(cell: str, value: str) -> None:
    assert clean(cell) == value


@pytest.mark.parametrize("cell", ["=1+1", "=", "+44", "@SUM(A1)", " =1", "-A1", "-2+3", '=cmd|"/c calc"!A1', "\t=1"])
def test_a_formula_is_refused(cell: str) -> None:
    with pytest.raises(MisfitError) as raised:
        clean(cell)
    shown = cell.strip()
    assert str(raised.value) == f"“{shown}” is a formula. Write what it gives, or an apostrophe before it."


@pytest.mark.parametrize("control", ["\n", "\r", "\t", "\x07", "\x7f", "\x85", "\u2028"])
def test_characters_that_cannot_be_seen_are_refused(control: str) -> None:
    with pytest.raises(MisfitError) as raised:
        clean(f"A{control}1")
    assert str(raised.value) == (
        "“A\N{REPLACEMENT CHARACTER}1” holds a line break or a character that cannot be seen. Take it out."
    )


@given(st.text())
def test_any_cell_is_a_text_on_one_line_or_refused(cell: str) -> None:
    try:
        value = clean(cell)
    except MisfitError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert value == value.strip()
        assert len(value.splitlines()) <= 1


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])).map(str.strip))
def test_what_our_exports_protect_is_read_back_equal(value: str) -> None:
    protected = f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    expected = value[1:] if value[:1] == "'" and value[1:2] in tuple("=+-@") else value
    assert clean(protected) == expected.strip()
