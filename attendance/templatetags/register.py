"""The rows of a register, written in one go: a class of 400 is 3,200 choices, too many for a template to loop over."""

from collections.abc import Collection, Iterable

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from attendance.models import Lecture, Status
from attendance.queries.headcounts import Headcount
from attendance.queries.registers import RegisterRow, minutes_late
from attendance.templatetags.look import mark, status_style

register = template.Library()

_STUDENT = "\0"
"""Stands for the student's id in what is the same for every row."""


def _choice(value: str, label: str, letter: str) -> str:
    return (
        f'<label><input type="radio" name="status-{_STUDENT}" value="{value}" class="sr" aria-label="{escape(label)}">'
        f'<span class="mark" data-s="{status_style(value)}" aria-hidden="true">{escape(letter)}</span></label>'
    )


def _choices() -> str:
    """Return the choices of one row, without a student and with nothing chosen."""
    choices = [_choice(status.value, str(status.label), status.letter) for status in Status]
    return "".join([*choices, _choice("", _("Blank"), "")])


class _Writer:
    """Writes the rows of one page: what is the same for all of them is made once."""

    def __init__(self, lecture: Lecture, may_mark: bool, conflicts: Collection[int]) -> None:
        self._lecture, self._may_mark, self._conflicts, self._choices = lecture, may_mark, conflicts, _choices()
        self._history = reverse("history_show", args=[lecture.pk, 0]).removesuffix("0/")
        self._history_words = escape(_("history of this mark"))
        self._conflict = format_html('<span class="tag" data-tone="warn">{}</span>', _("changed elsewhere"))

    def row(self, row: RegisterRow) -> str:
        """Return one row of the table."""
        student = row.student.pk
        return (
            f'<tr{"" if row.status else " data-blank"}><td class="roll">{escape(row.roll_number)}</td>'
            f'<th scope="row" id="n{student}"><bdi>{escape(row.student.listed_name)}</bdi></th>'
            f"<td>{self._marks(row) if self._may_mark else mark(row.status)}</td>"
            f'<td class="nowrap">{self._recorded(row)}</td>'
            f"<td>{self._conflict if student in self._conflicts else self._late(row)}</td></tr>\n"
        )

    def _late(self, row: RegisterRow) -> str:
        """Return how late the scan of a late student was; nothing when a teacher marked."""
        if row.status != Status.LATE or row.scanned_at is None:
            return ""
        minutes = minutes_late(self._lecture, row.scanned_at)
        return ngettext("%(count)d minute late", "%(count)d minutes late", minutes) % {"count": minutes}

    def _marks(self, row: RegisterRow) -> str:
        student, chosen = str(row.student.pk), f'value="{row.status}"'
        choices = self._choices.replace(_STUDENT, student).replace(chosen, f"{chosen} checked", 1)
        return (
            f'<input type="hidden" name="seen-{student}" value="{row.status}.{row.version}">'
            f'<div class="marks" role="radiogroup" aria-labelledby="n{student}">{choices}</div>'
        )

    def _recorded(self, row: RegisterRow) -> str:
        if row.recorded_at is None:
            return ""
        moment = format_date(timezone.localtime(row.recorded_at), "j M H:i:s")
        link = f"{self._history}{row.student.pk}/"
        return f'<a href="{link}">{escape(moment)}<span class="sr"> {self._history_words}</span></a>'


@register.simple_tag
def register_rows(
    rows: Iterable[RegisterRow], lecture: Lecture, may_mark: bool, conflicts: Collection[int]
) -> SafeString:
    """Return the table rows of a register; whoever may mark gets a choice in each."""
    writer = _Writer(lecture, may_mark, conflicts)
    return mark_safe("".join(writer.row(row) for row in rows))  # noqa: S308 -- every piece was escaped above


@register.simple_tag
def headcount_sentence(headcount: Headcount | None) -> SafeString:
    """Return what the number of heads says about the marks; nothing while nobody counted."""
    if headcount is None:
        return mark_safe("")
    more = headcount.more
    if not more:
        return format_html('<span class="muted">{}</span>', _("As many as are marked here."))
    sentence = (
        ngettext("%(number)d more marked here than heads.", "%(number)d more marked here than heads.", more)
        if more > 0
        else ngettext("%(number)d head more than marked here.", "%(number)d heads more than marked here.", -more)
    )
    return format_html('<b class="warn">{}</b>', sentence % {"number": abs(more)})
