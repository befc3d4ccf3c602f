"""Erasing a person: the account is nobody's then, what only concerned them goes, and the record adds up as before.

Texts of the log go as `attendance.services.erased_texts` says, rows as `attendance.services.personal_rows` says.
"""

import logging
from datetime import datetime
from functools import partial

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from attendance import clock
from attendance.models import AttendanceEvent, Request, User
from attendance.models.people import ERASED_NAME
from attendance.services import cache_operations
from attendance.services.accounts import locked, person_to_change
from attendance.services.erased_texts import ErasureReason, erase_texts
from attendance.services.importing.forgetting import forget_in_imports
from attendance.services.personal_rows import Names, delete_rows_of, forget_names, leave_courses
from attendance.services.refusals import Refusal

log = logging.getLogger("lumina_learn")


def erase_person(*, person: User, actor: User | None, why: ErasureReason) -> AttendanceEvent:
    """Erase a person in one transaction, and return the event of the log that says so.

    Without an actor it is the machine that erases, because the time is over for which records are kept. What Redis
    keeps of the organisation is deleted right after the commit.

    Raises:
        Refusal: the account was erased already, is the actor's own, or an operator's and the actor is none; or it is
            the last administrator's of the organisation. Nothing is stored then.
    """
    with transaction.atomic():
        _hold_requests(person)
        stored = locked(person) if actor is None else person_to_change(person, actor)
        _check_somebody_administers(stored)
        session_keys = list(stored.login_sessions.values_list("session_key", flat=True))
        event = _erased(stored, actor, why)
        organisation = stored.organisation
        transaction.on_commit(
            partial(cache_operations.remove_kept, organisation=organisation, session_keys=session_keys)
        )
    log.info("User %s erased user %s: %s", actor.pk if actor else None, stored.pk, why)
    return event


def _hold_requests(person: User) -> None:
    """Lock the person's requests, as whoever decides one does first: else each would wait for the other."""
    list(Request.objects.select_for_update().filter(student=person).order_by("pk").values_list("pk"))


def _check_somebody_administers(person: User) -> None:
    others = User.objects.filter(organisation=person.organisation_id, role=User.Role.ADMIN, is_active=True)
    if person.role == User.Role.ADMIN and not others.exclude(pk=person.pk).exists():
        raise Refusal(
            _("%(name)s is the only administrator of %(organisation)s. Make somebody else one first.")
            % {"name": person, "organisation": person.organisation}
        )


def _erased(person: User, actor: User | None, why: ErasureReason) -> AttendanceEvent:
    names, moment = Names.of(person), clock.now()
    event = erase_texts(person=person, actor=actor, why=why, moment=moment)
    leave_courses(person)
    delete_rows_of(User.objects.filter(pk=person.pk))
    forget_names(names)
    forget_in_imports(names)
    _make_nobody(person, moment)
    person.save()
    return event


def _make_nobody(person: User, moment: datetime) -> None:
    """Take everything from an account that says whose it is, to be saved by the caller."""
    person.erased_at = person.date_joined = moment
    person.username = f"erased-{get_random_string(20).lower()}"
    person.given_name, person.family_name = "", ERASED_NAME
    person.email = person.number = person.language = person.time_zone = ""
    person.department = person.last_login = None
    person.is_active = person.is_superuser = False
    person.password = make_password(None)
