"""How far long work is, in the terminal."""

from types import TracebackType
from typing import Self

from django.core.management.base import OutputWrapper


class ProgressLine:
    """One line that is written over in a terminal; elsewhere, one line for each thing that is being made."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out, self._said = out, ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._said and self._out.isatty():
            self._out.write("\r\x1b[K", ending="")

    def show(self, what: str, done: int, total: int) -> None:
        """Say what is being made, and how much of it is done."""
        if self._out.isatty():
            self._out.write(f"\r\x1b[K{100 * done // total:3} %  {what}", ending="")
            self._out.flush()
        elif what != self._said:
            self._out.write(f"Making {what}")
        self._said = what
