"""Uploading a file: it is read and compared beside the requests, and nothing of it stays but what it would change."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from attendance.access import SignedInRequest, only
from attendance.importers.bundle import MAX_UPLOAD, open_bundle
from attendance.importers.records import UnreadableError
from attendance.models import Import, User
from attendance.queries.import_files import HandedIn, reader_of, source_of
from attendance.queries.imports import terms_of
from attendance.services.importing import preparing
from attendance.views.forms.imports import ImportForm
from attendance.views.limits import render_form
from attendance.views.uploads import UploadLimit, limit_upload

TOO_LARGE = 413


# Checking the form's token reads the body, so it waits until it is known who asks and how much is read at most.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@only(User.Role.ADMIN)
def import_create(request: SignedInRequest) -> HttpResponse:
    """Show and take the form for a file; what it would change is found out afterwards, in the background."""
    return _limited(request, limit_upload(request, MAX_UPLOAD))


@csrf_protect
def _limited(request: SignedInRequest, limit: UploadLimit) -> HttpResponse:
    terms = terms_of(request.user.organisation)
    if request.method != "POST":
        return _show(request, ImportForm(terms))
    form = ImportForm(terms, request.POST, request.FILES)
    if limit.exceeded:
        form.refuse_size()
        response = _show(request, form)
        response.status_code = TOO_LARGE
        return response
    handed_in = _handed_in(request, form) if form.is_valid() else None
    if handed_in is None:
        return _show(request, form)
    started = _start(request, handed_in, complete=form.cleaned_data["complete"])
    return redirect("import_show", started.pk)


def _show(request: SignedInRequest, form: ImportForm) -> HttpResponse:
    return render_form(request, "institution/import_new.html", form, current_place="institution_edit")


def _handed_in(request: SignedInRequest, form: ImportForm) -> HandedIn | None:
    """Return the file with what was said about it, or None once the form says what is wrong."""
    fields = form.cleaned_data
    try:
        bundle = open_bundle(fields["file"], fields["file"].name)
    except UnreadableError as error:
        form.add_error("file", str(error))
        return None
    source = source_of(bundle, fields["source"])
    if source != Import.Source.ITC2019:
        term = fields["default_term"].name if fields["default_term"] else ""
        return HandedIn(organisation=request.user.organisation, bundle=bundle, source=source, term=term)
    handed_in = HandedIn(
        organisation=request.user.organisation,
        bundle=bundle,
        source=source,
        term=fields["term_name"],
        first_day=fields["first_day"],
    )
    return handed_in if form.has_term(handed_in.first_day_of_term()) else None


def _start(request: SignedInRequest, handed_in: HandedIn, *, complete: bool) -> Import:
    """Begin the comparison and leave it to the background."""
    read = reader_of(handed_in)
    started = preparing.begin(
        organisation=handed_in.organisation,
        source=handed_in.source,
        file_name=handed_in.bundle.name,
        file_hash=handed_in.bundle.content_hash,
        actor=request.user,
    )
    preparing.prepare_later(started=started, read=read, complete=complete)
    return started
