"""CSV files as others read them: RFC 4180 in UTF-8, with nothing that a spreadsheet would run as a formula.

https://www.rfc-editor.org/rfc/rfc4180 and https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time

Cell = str | int | bool | date | datetime | time | None

# Text that looks as if it had been guarded already is guarded once more, so that taking one apostrophe away always
# gives back what was there.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ROWS_AT_ONCE = 500


def csv_file(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield the bytes of a CSV file, some hundred rows at a time."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(header)
    for number, row in enumerate(rows, start=1):
        lines.writerow([written(cell) for cell in row])
        if number % _ROWS_AT_ONCE == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    taken = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return taken


def written(cell: Cell) -> str:
    """Return the text of a cell: yes or no, days and hours as in ISO 8601, moments in UTC; of None nothing.

    Seconds stand only where there are any. Text that a spreadsheet would run gets an apostrophe in front.
    """
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return cell.astimezone(UTC).isoformat(timespec=_precision(cell))
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat(timespec=_precision(cell))
        case str():
            return f"'{cell}" if _FORMULA.match(cell) else cell
        case _:
            return str(cell)


def _precision(moment: datetime | time) -> str:
    return "seconds" if moment.second else "minutes"
