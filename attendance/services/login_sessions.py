"""Beginning and ending the sessions of signed-in browsers."""

from datetime import datetime, time, timedelta

from django.contrib import auth
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from attendance import clock
from attendance.models import LoginSession, Organisation, Throttle, User
from attendance.queries.organisations import last_day_of_running_term
from attendance.services import throttle
from attendance.services.throttle import Attempt
from attendance.sign_in.browsers import browser_name
from attendance.sign_in.client_address import client_address
from attendance.sign_in.sessions import BROWSER, SIGNED_IN_AT

A_DAY_OF_WORK = timedelta(hours=12)
WITHOUT_TERM = timedelta(days=120)
LONGEST_TERM = timedelta(days=200)


@sensitive_variables("password")
def log_in(*, request: HttpRequest, identifier: str, password: str, keep: bool) -> tuple[User | None, Attempt]:
    """Sign the browser in when the password fits, until the end of the term with `keep`, else for a day of work.

    Returns:
        The person, or None when name and password do not belong together, the account was deactivated, or too many
        attempts failed; and what the throttle says of the attempt.
    """
    address = client_address(request)
    subject = throttle.subject_named(identifier, address)
    attempt = throttle.begin_attempt(purpose=Throttle.Purpose.LOGIN, subject=subject)
    if not attempt.admitted:
        return None, attempt
    with throttle.turn(purpose=Throttle.Purpose.LOGIN, address=address):
        person = authenticate(request, username=identifier, password=password)
    if person is not None:
        throttle.forget(purpose=Throttle.Purpose.LOGIN, subject=subject)
        begin_session(request=request, person=person, keep=keep)
    return person, attempt


def begin_session(*, request: HttpRequest, person: User, keep: bool) -> None:
    """Sign the browser in under a new session key; use does not postpone the session's end."""
    auth.login(request, person, backend="attendance.sign_in.backend.IdentifierBackend")
    request.session[SIGNED_IN_AT] = clock.now().isoformat()
    request.session[BROWSER] = browser_name(request.headers.get("User-Agent", ""))
    request.session.set_expiry(session_end(person.organisation, keep=keep))


def session_end(organisation: Organisation, *, keep: bool) -> datetime:
    """Return when a session that begins now ends: after a day of work, or with the running term when it is kept."""
    moment = clock.now()
    if not keep:
        return moment + A_DAY_OF_WORK
    last_day = last_day_of_running_term(organisation, at_most_until=clock.today(organisation.zone) + LONGEST_TERM)
    if last_day is None:
        return moment + WITHOUT_TERM
    end_of_term = datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=organisation.zone)
    return max(end_of_term, moment + A_DAY_OF_WORK)


def log_out(*, request: HttpRequest) -> None:
    """End the session of this browser; its cookie is worth nothing from then on."""
    auth.logout(request)


def end_sessions(*, person: User) -> int:
    """Sign all browsers of a person out and return how many there were."""
    ended, _by_model = LoginSession.objects.filter(user=person).delete()
    return ended


def end_other_sessions(*, person: User, session_key: str | None) -> int:
    """Sign all browsers of a person out but the one with that session key; return how many there were."""
    ended, _by_model = LoginSession.objects.filter(user=person).exclude(session_key=session_key).delete()
    return ended
