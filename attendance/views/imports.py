"""Bringing data in from files: uploading, looking at what would change, applying, undoing; for administrators."""

import csv
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from attendance.access import SignedInRequest, manage_row, only
from attendance.importers.sheets import SHEETS
from attendance.models import Import, ImportRow, User
from attendance.queries.imports import (
    has_changing_rows,
    imports_of,
    is_interrupted,
    refused_lines,
    rows_of,
    tallies_of,
    tally_of,
)
from attendance.services.importing import applying, preparing, undoing
from attendance.services.refusals import Refusal
from attendance.views.import_words import counted, grouped, in_order, plural_of, shown

PAGE_SIZE = 50
CONFLICT = 409
_PLACE = {"current_place": "institution_edit"}
_State = Import.State
_LOOKED_AT_FIRST = (
    ImportRow.Action.REFUSED,
    ImportRow.Action.GONE,
    ImportRow.Action.CHANGED,
    ImportRow.Action.NEW,
)
"""Whose rows a page shows first: what goes wrong, then what is taken away."""

_administrator = only(User.Role.ADMIN)


@require_safe
@_administrator
def import_list(request: SignedInRequest) -> HttpResponse:
    """List the imports, the latest first; `page` turns pages."""
    page = Paginator(imports_of(request.user.organisation), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(each, tally, counted(tally), is_interrupted(each)) for each in page for tally in [tally_of(each)]]
    return render(request, "institution/imports.html", {"page": page, "rows": rows, **_PLACE})


@require_safe
@_administrator
def import_formats(request: SignedInRequest) -> HttpResponse:
    """Say what can be imported, and what the files look like."""
    sheets = [
        {"file": f"{stem}.csv", "label": plural_of(sheet.kind), "columns": sheet.columns}
        for stem, sheet in SHEETS.items()
    ]
    return render(request, "institution/import_formats.html", {"sheets": sheets, **_PLACE})


@never_cache
@require_safe
@_administrator
def import_show(request: SignedInRequest, import_id: int) -> HttpResponse:
    """Show how far an import is and what it changes; `action` and `kind` choose rows, `page` turns pages."""
    return _page(request, manage_row(request.user, Import, import_id))


def _page(request: SignedInRequest, held: Import, *, refusal: str = "", status: int = 200) -> HttpResponse:
    tally = tally_of(held)
    context = {
        "held": held,
        "tally": tally,
        "kinds": in_order(tallies_of(held)),
        "refusal": refusal,
        "is_interrupted": is_interrupted(held),
        "share": f"{100 * held.compared / held.records:.1f}%" if held.records else "0%",
        "may_undo": held.state == _State.APPLIED and has_changing_rows(held),
        **_rows(request, held),
        **_PLACE,
    }
    return render(request, "institution/import.html", context, status=status)


def _rows(request: SignedInRequest, held: Import) -> dict[str, Any]:
    """Return the chosen rows in words, with what there is to choose from."""
    total = tally_of(held)
    actions = [(each.value, str(each.label), getattr(total, each)) for each in _LOOKED_AT_FIRST if getattr(total, each)]
    if not actions:
        return {}
    action = _chosen(request.GET.get("action"), actions) or actions[0][0]
    tallies = in_order(tallies_of(held))
    kinds = [(kind, label, getattr(tally, action)) for kind, label, tally in tallies if kind and getattr(tally, action)]
    kind = _chosen(request.GET.get("kind"), kinds)
    page = Paginator(rows_of(held, action=action, kind=kind), PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "actions": actions,
        "action": action,
        "row_kinds": kinds,
        "kind": kind,
        "page": page,
        "rows": [shown(row) for row in page],
    }


def _chosen(wanted: str | None, offered: list[tuple[str, str, int]]) -> str:
    """Return what was asked for, when it is among what is offered."""
    return next((value for value, _label, _count in offered if value == wanted), "")


# --- Acting on one ----------------------------------------------------------------------------------------------------


@require_POST
@_administrator
def import_apply(request: SignedInRequest, import_id: int) -> HttpResponse:
    """Apply what the reader was shown; the hash of the file says what that was."""
    held = manage_row(request.user, Import, import_id)

    def act() -> str:
        applied = applying.apply(prepared=held, file_hash=request.POST.get("file_hash", ""), actor=request.user)
        changes = tally_of(applied).changes
        sentence = ngettext("Applied %(changes)s change.", "Applied %(changes)s changes.", changes)
        return sentence % {"changes": grouped(changes)}

    return _acted(request, held, act)


@require_POST
@_administrator
def import_discard(request: SignedInRequest, import_id: int) -> HttpResponse:
    """Put a file aside that is not to be applied."""
    held = manage_row(request.user, Import, import_id)

    def act() -> str:
        preparing.discard(prepared=held, actor=request.user)
        return _("Put aside. Nothing was changed.")

    return _acted(request, held, act)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_administrator
def import_undo(request: SignedInRequest, import_id: int) -> HttpResponse:
    """Say what undoing takes back, and take it back."""
    held = manage_row(request.user, Import, import_id)
    if request.method != "POST":
        if held.state != _State.APPLIED or not has_changing_rows(held):
            return redirect("import_show", held.pk)
        return render(request, "institution/import_undo.html", {"held": held, "tally": tally_of(held), **_PLACE})

    def act() -> str:
        undoing.undo(applied=held, actor=request.user)
        return _("Undone. Everything is as it was before this import.")

    return _acted(request, held, act)


def _acted(request: SignedInRequest, held: Import, act: Callable[[], str]) -> HttpResponse:
    """Do it and show the import with the sentence that comes of it; what stands in the way is shown there, too."""
    try:
        sentence = act()
    except Refusal as refusal:
        held.refresh_from_db()
        return _page(request, held, refusal=str(refusal), status=CONFLICT)
    messages.success(request, sentence)
    return redirect("import_show", held.pk)


# --- What was refused -------------------------------------------------------------------------------------------------


@require_safe
@_administrator
def import_rows_csv(request: SignedInRequest, import_id: int) -> HttpResponse:
    """Send the refused rows as a CSV file, with the mark by which spreadsheets know UTF-8."""
    held = manage_row(request.user, Import, import_id)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{held.pk}.csv"'
    csv.writer(response).writerows(refused_lines(held))
    return response
