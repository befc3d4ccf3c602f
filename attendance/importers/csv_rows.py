"""Bytes of a CSV file (RFC 4180) as rows of texts, each with the number of its line.

Works line by line, so that a cell of a hundred megabytes costs no more than a look for its end. Neither the file as a
whole nor a row is ever decoded or parsed beyond `MAX_ROW_BYTES`, which keeps every cell within the parser's own limit:
that one belongs to the whole process, and changing it would reach into other threads.
"""

import csv
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from attendance.importers.records import UnreadableError

MAX_ROWS = 100_000
# Of all files of a bundle. A record is about a kilobyte of memory.
MAX_ROWS_TOGETHER = 300_000
MAX_ROW_BYTES = 128 * 1024
_BOM = b"\xef\xbb\xbf"
_BOMS_OF_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t"


class RawRow(NamedTuple):
    """A row that is not blank, the line it begins in, and what is wrong with it as a whole, if anything is."""

    line: int
    cells: list[str]
    problem: str = ""


def raw_rows(content: bytes, file: str) -> Iterator[RawRow]:
    """Yield the rows of a file as they stand there, its header first; what separates cells follows from the header.

    Raises:
        UnreadableError: not UTF-8, not text, too many rows, a row too long, or a quotation mark that is never closed.
    """
    lines = _Lines(content, file)
    reader = csv.reader(lines, delimiter=_delimiter(content), strict=True)
    count = blank = 0
    while row := _next_row(reader, lines):
        if row.cells or row.problem:
            count += 1
            yield row
        else:
            blank += 1
        if count > MAX_ROWS + 1:
            sentence = _("%(file)s has more than %(limit)s rows. Split it.")
            raise UnreadableError(sentence % {"file": file, "limit": MAX_ROWS})
        if blank > MAX_ROWS:  # 20 MB of them take minutes to pass over.
            sentence = _("%(file)s has more than %(limit)s blank lines. Take them away.")
            raise UnreadableError(sentence % {"file": file, "limit": MAX_ROWS})


def _next_row(reader: Iterator[list[str]], lines: "_Lines") -> RawRow | None:
    lines.begin_row()
    try:
        cells = next(reader, None)
    except csv.Error:
        return _badly_quoted(lines)
    return None if cells is None else RawRow(lines.first, cells)


def _delimiter(content: bytes) -> str:
    header = content[:MAX_ROW_BYTES].partition(b"\n")[0]
    return max(_DELIMITERS, key=lambda delimiter: header.count(delimiter.encode()))


def _badly_quoted(lines: "_Lines") -> RawRow:
    if lines.over:
        raise UnreadableError(
            _("A quotation mark is opened in line %(line)s of %(file)s and never closed. Close it, or take it away.")
            % {"file": lines.file, "line": lines.first}
        )
    return RawRow(
        lines.first,
        [],
        _("A quotation mark or a line break stands in the middle of a cell. Quote the cell, and double its marks."),
    )


class _Lines:
    """Gives a parser one line after the other, and refuses to give it more than a row may have."""

    def __init__(self, content: bytes, file: str) -> None:
        if content.startswith(_BOMS_OF_UTF_16):
            raise UnreadableError(_("%(file)s is UTF-16. Save it as “CSV UTF-8”.") % {"file": file})
        self.file = file
        self.first = 1
        self.over = False
        self._content = content
        self._start = len(_BOM) if content.startswith(_BOM) else 0
        self._number = 0
        self._taken = 0
        # Before Mac OS X lines ended in this one character, and some spreadsheets still write them so.
        self._ending = b"\r" if b"\r" in content and b"\n" not in content else b"\n"

    def begin_row(self) -> None:
        """Count anew: what comes next belongs to another row."""
        self.first = self._number + 1
        self._taken = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._start >= len(self._content):
            self.over = True
            raise StopIteration
        piece = self._content[self._start : self._end()]
        self._number += 1
        text = self._decoded(piece)
        self._start += len(piece)
        self._taken += len(piece)
        return text

    def _end(self) -> int:
        most = self._start + MAX_ROW_BYTES - self._taken
        found = self._content.find(self._ending, self._start, most)
        if found >= 0:
            return found + 1
        if len(self._content) > most:
            raise UnreadableError(
                _("The row in line %(line)s of %(file)s is longer than %(limit)s kB. Is a quotation mark missing?")
                % {"file": self.file, "line": self.first, "limit": MAX_ROW_BYTES // 1024}
            )
        return len(self._content)

    def _decoded(self, piece: bytes) -> str:
        values: dict[str, object] = {"file": self.file, "line": self._number}
        if b"\0" in piece:
            raise UnreadableError(
                _("Line %(line)s of %(file)s holds a byte 0, so it is no text in UTF-8. Save it as “CSV UTF-8”.")
                % values
            )
        try:
            return piece.decode()
        except UnicodeDecodeError as error:
            values["offset"] = self._start + error.start
            raise UnreadableError(
                _("%(file)s is not UTF-8: byte %(offset)s, in line %(line)s, is none. Save it as “CSV UTF-8”.") % values
            ) from error
