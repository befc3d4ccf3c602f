"""The one table that all measurements fill."""

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from textwrap import fill


@dataclass(frozen=True)
class Row:
    """One line: what was measured, the figure, how far it spread, what is wanted, and the two sides it is made of."""

    measured: str
    figure: str
    spread: str = ""
    wanted: str = ""
    sides: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the row as plain data, to be handed from one process to another."""
        return asdict(self)


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table whose columns are aligned, so that a terminal shows it well too."""
    head = tuple(field.name.capitalize() for field in fields(Row))
    lines = [head, *(astuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    written = [_line(line, widths) for line in lines]
    return "\n".join([written[0], _line(tuple("-" * width for width in widths), widths), *written[1:]])


def as_list(rows: Sequence[Row]) -> str:
    """Return rows that say one thing each as a Markdown list."""
    return "\n".join(f"- {row.measured}: {row.figure}" for row in rows)


def wrapped(paragraphs: str) -> str:
    """Return Markdown paragraphs with lines of 120 characters at most."""
    return "\n\n".join(fill(" ".join(each.split()), 120, break_on_hyphens=False) for each in paragraphs.split("\n\n"))


def _line(cells: tuple[str, ...], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
