"""Inviting people, and what the invited do with it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from attendance.access import SignedInRequest, administered_organisations, only
from attendance.models import Invitation, User
from attendance.queries.invitations import InvitationState, invitation_of, open_invitations, state_of
from attendance.queries.organisations import organisations_of
from attendance.services import invitations
from attendance.services.login_sessions import begin_session
from attendance.services.refusals import Refusal
from attendance.views.forms.people import AcceptForm, InviteForm
from attendance.views.limits import render_form
from attendance.views.people import PAGE_SIZE

_PLACE = {"current_place": "people_list"}
_ACCEPT = "sign_in/invitation_accept.html"


@require_safe
@only(User.Role.ADMIN)
def invitation_list(request: SignedInRequest) -> HttpResponse:
    """List who is invited and has not answered; `page` turns pages."""
    waiting = open_invitations(administered_organisations(request.user))
    page = Paginator(waiting, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(each, state_of(each) is InvitationState.EXPIRED) for each in page]
    return render(request, "people/invitations.html", {"page": page, "rows": rows, **_PLACE})


@require_http_methods(["GET", "HEAD", "POST"])
@only(User.Role.ADMIN)
def invitation_create(request: SignedInRequest) -> HttpResponse:
    """Show and take the form for an invitation."""
    organisations = organisations_of(administered_organisations(request.user))
    form = InviteForm(organisations, request.user.organisation, request.POST or None)
    if not form.is_valid():
        return render_form(request, "people/invite.html", form, **_PLACE)
    try:
        invitation = invitations.invite_by_mail(
            **form.cleaned_data,
            invited_by=request.user,
            link_to=lambda token: request.build_absolute_uri(reverse("invitation_accept", args=[token])),
        )
    except Refusal as refusal:
        form.add_error("email", str(refusal))
        return render_form(request, "people/invite.html", form, **_PLACE)
    messages.success(request, _("%(email)s is invited. The link works for 7 days.") % {"email": invitation.email})
    return redirect("invitation_list")


@require_POST
@only(User.Role.ADMIN)
def invitation_revoke(request: SignedInRequest, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = open_invitations(administered_organisations(request.user)).filter(pk=invitation_id).first()
    if invitation is None or not invitations.revoke(invitation=invitation):
        raise Http404
    messages.success(request, _("The invitation to %(email)s works no more.") % {"email": invitation.email})
    return redirect("invitation_list")


@sensitive_post_parameters("new_password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation with the form for the account it is for; make the account and sign the person in."""
    invitation = invitation_of(token)
    if invitation is None or state_of(invitation) is not InvitationState.OPEN:
        return _dead_link(request, invitation)
    form = AcceptForm(invitation, request.POST or None)
    if not form.is_valid():
        return render_form(request, _ACCEPT, form, invitation=invitation)
    fields = form.cleaned_data
    account = invitations.NewAccount(fields["given_name"], fields["family_name"], fields["username"])
    try:
        person = invitations.accept(invitation=invitation, account=account, password=fields["new_password"])
    except Refusal as refusal:
        invitation.refresh_from_db()
        if state_of(invitation) is not InvitationState.OPEN:
            return _dead_link(request, invitation)
        form.add_error("username", str(refusal))
        return render_form(request, _ACCEPT, form, invitation=invitation)
    begin_session(request=request, person=person, keep=False)
    return redirect("dashboard")


def _dead_link(request: HttpRequest, invitation: Invitation | None) -> HttpResponse:
    context = {"invitation": invitation, "state": state_of(invitation).name if invitation else ""}
    return render(request, "sign_in/invitation_dead.html", context, status=410 if invitation else 404)
