"""First passwords: an administrator sends links or prints codes, and whoever has one sets a password."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from attendance.access import SignedInRequest, administered_organisations, manage_person, only
from attendance.models import Activation, User
from attendance.queries.activations import ActivationState, activation_of, people_waiting, proof_of, state_of
from attendance.queries.people import people_found
from attendance.services import activations
from attendance.services.login_sessions import begin_session
from attendance.services.refusals import Refusal
from attendance.sign_in.client_address import client_address
from attendance.views.forms.activations import ChoiceForm, RedeemForm, ticked
from attendance.views.forms.passwords import NewPasswordForm
from attendance.views.limits import render_form, render_refused, wait_sentence
from attendance.views.people import PAGE_SIZE
from attendance.views.sign_in import tries_sentence

_PLACE = {"current_place": "people_list"}
_REDEEM = "sign_in/activation_redeem.html"
_ACCEPT = "sign_in/activation_accept.html"


@require_safe
@only(User.Role.ADMIN)
def activation_list(request: SignedInRequest) -> HttpResponse:
    """List who never logged in and has no password; `q`, `role`, `department` and `progress` narrow, `page` turns."""
    organisations = administered_organisations(request.user)
    form = ChoiceForm(request.GET, organisations)
    waiting = people_waiting(organisations, form.choice)
    page = Paginator(waiting, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "filters": [form[name] for name in ("role", "department", "progress")],
        "page": page,
        "total": page.paginator.count,
        "reachable": waiting.exclude(email="").count(),
        "several_organisations": len(organisations) > 1,
    }
    return render(request, "people/activations.html", context | _PLACE)


@require_POST
@only(User.Role.ADMIN)
def activation_send(request: SignedInRequest) -> HttpResponse:
    """Mail links to the chosen people."""
    people = _chosen(request)
    if people is None:
        return _nobody_ticked(request)
    try:
        sending = activations.send_links(
            people=people,
            actor=request.user,
            link_to=lambda token: request.build_absolute_uri(reverse("activation_accept", args=[token])),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, activations.sentence_of(sending))
    return _back(request)


@never_cache
@require_POST
@only(User.Role.ADMIN)
def activation_print(request: SignedInRequest) -> HttpResponse:
    """Make codes for the chosen people and show them, this once, on a page to print and cut."""
    people = _chosen(request)
    if people is None:
        return _nobody_ticked(request)
    try:
        slips = activations.print_codes(people=people, actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _back(request)
    address = request.build_absolute_uri(reverse("activation_redeem"))
    return render(request, "people/activation_sheet.html", {"slips": slips, "address": address} | _PLACE)


@require_POST
@only(User.Role.ADMIN)
def activation_revoke(request: SignedInRequest, person_id: int) -> HttpResponse:
    """End the open link or code of a person."""
    person = manage_person(request.user, person_id)
    if activations.revoke(person=person, actor=request.user):
        messages.success(request, _("The link or code of %(name)s works no more.") % {"name": person})
    return redirect("person_show", person.pk)


def _chosen(request: SignedInRequest) -> QuerySet[User] | None:
    """Return the people a form is about, all who fit with `everybody`; None when nobody is ticked.

    Raises:
        Http404: those who are ticked are not this administrator's.
    """
    organisations = administered_organisations(request.user)
    if "everybody" in request.POST:
        form = ChoiceForm(request.POST, organisations)
        # A filter that is not understood would widen the choice, and mails cannot be taken back.
        return people_waiting(organisations, form.choice) if form.is_valid() else User.objects.none()
    ids = ticked(request.POST)
    if not ids:
        return None
    people = people_found(organisations).filter(pk__in=ids)
    if not people.exists():
        raise Http404
    return people


def _nobody_ticked(request: SignedInRequest) -> HttpResponse:
    messages.error(request, _("Nobody is ticked. Tick people in the list, or choose all who are found."))
    return redirect("activation_list")


def _back(request: SignedInRequest) -> HttpResponse:
    """Lead to the one person it was about, or to the list."""
    ids = ticked(request.POST)
    if len(ids) == 1 and "everybody" not in request.POST:
        return redirect("person_show", ids[0])
    return redirect("activation_list")


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def activation_redeem(request: HttpRequest) -> HttpResponse:
    """Ask for a person's name and code, and lead on to the password; one answer for a wrong code and nobody."""
    form = RedeemForm(request.POST or None)
    if not form.is_valid():
        return render_form(request, _REDEEM, form)
    activation, attempt = activations.try_code(
        identifier=form.cleaned_data["username"],
        code=form.cleaned_data["code"],
        address=client_address(request),
    )
    if activation is not None:
        return redirect("activation_accept", proof_of(activation))
    if not attempt.admitted:
        form.add_error("code", " ".join([_("Too many attempts failed."), wait_sentence(request, attempt)]))
        return render_refused(request, _REDEEM, form, attempt)
    sentence = _("That code does not match this number or e-mail.")
    form.add_error("code", " ".join([sentence, tries_sentence(request, attempt)]))
    return render_form(request, _REDEEM, form)


@sensitive_post_parameters("new_password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def activation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form for a first password behind a link, or behind a code that was right; set it and sign in."""
    activation = activation_of(token)
    if activation is None or state_of(activation) is not ActivationState.OPEN:
        return _dead(request, activation)
    form = NewPasswordForm(activation.user, request.POST or None)
    if not form.is_valid():
        return render_form(request, _ACCEPT, form, activation=activation, person=activation.user)
    try:
        person = activations.activate(activation=activation, password=form.cleaned_data["new_password"])
    except Refusal:
        return _dead(request, activation_of(token))
    begin_session(request=request, person=person, keep=False)
    return redirect("dashboard")


def _dead(request: HttpRequest, activation: Activation | None) -> HttpResponse:
    context = {"activation": activation, "state": state_of(activation).name if activation else ""}
    return render(request, "sign_in/activation_dead.html", context, status=410 if activation else 404)
