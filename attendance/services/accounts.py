"""What administrators do to accounts, and the first operator."""

import logging

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from attendance.models import Department, Organisation, User
from attendance.services.login_sessions import end_sessions
from attendance.services.refusals import Refusal

log = logging.getLogger("lumina_learn")


def change_role(*, person: User, role: User.Role, actor: User) -> User:
    """Give a person another role, which counts from the next request on, and return the person as stored.

    Raises:
        Refusal: it is the actor's own account, or an operator's and the actor is none.
    """
    with transaction.atomic():
        stored = person_to_change(person, actor)
        stored.role = role
        stored.save(update_fields=["role"])
    log.info("User %s gave user %s the role %s", actor.pk, person.pk, role)
    return stored


def update_details(
    *,
    person: User,
    actor: User,
    given_name: str,
    family_name: str,
    email: str,
    number: str,
    department: Department | None,
) -> User:
    """Change what a person is called and reached by, and return the person as stored.

    Raises:
        Refusal: it is the actor's own account, or an operator's and the actor is none; the e-mail address or the number
            belongs to somebody else of the organisation; the department is another organisation's.
    """
    if department is not None and department.organisation_id != person.organisation_id:
        raise Refusal(_("%(thing)s belongs to another organisation.") % {"thing": department})
    try:
        with transaction.atomic():
            stored = person_to_change(person, actor)
            stored.given_name, stored.family_name = given_name, family_name
            stored.email, stored.number, stored.department = email, number, department
            stored.save(update_fields=["given_name", "family_name", "email", "number", "department"])
    except IntegrityError as error:
        raise Refusal(_("This e-mail address or number belongs to somebody else here.")) from error
    log.info("User %s changed the details of user %s", actor.pk, person.pk)
    return stored


def choose_language(*, person: User, language: str) -> None:
    """Speak this language to the person from now on, in every browser."""
    User.objects.filter(pk=person.pk).update(language=language)


def activate(*, person: User, actor: User) -> None:
    """Let a person log in again.

    Raises:
        Refusal: it is the actor's own account, or an operator's and the actor is none.
    """
    with transaction.atomic():
        _set_active(person_to_change(person, actor), True)
    log.info("User %s activated user %s", actor.pk, person.pk)


def deactivate(*, person: User, actor: User) -> None:
    """Keep a person from logging in and sign out all browsers; the records of the person stay.

    Raises:
        Refusal: it is the actor's own account, or an operator's and the actor is none.
    """
    with transaction.atomic():
        stored = person_to_change(person, actor)
        _set_active(stored, False)
        end_sessions(person=stored)
    log.info("User %s deactivated user %s", actor.pk, person.pk)


def sign_out(*, person: User, actor: User) -> int:
    """Sign all browsers of a person out and return how many there were.

    Raises:
        Refusal: it is the actor's own account, or an operator's and the actor is none.
    """
    with transaction.atomic():
        ended = end_sessions(person=person_to_change(person, actor))
    log.info("User %s signed %s browsers of user %s out", actor.pk, ended, person.pk)
    return ended


def person_to_change(person: User, actor: User) -> User:
    """Return a person, locked, whose account the actor may change.

    Raises:
        Refusal: it is the actor's own account, an erased one, or an operator's and the actor is none.
    """
    if person.pk == actor.pk:
        raise Refusal(_("This is your own account. Another administrator can change it."))
    stored = locked(person)
    if stored.is_superuser and not actor.is_superuser:
        raise Refusal(_("%(name)s is an operator. Only an operator can change this account.") % {"name": stored})
    return stored


def locked(person: User) -> User:
    """Return a person as stored, held against other writers until the transaction ends.

    Raises:
        Refusal: the account was erased.
    """
    stored = User.objects.select_for_update().get(pk=person.pk)
    if stored.erased_at is not None:
        raise Refusal(_("This account was erased. There is nobody left whom a change could be for."))
    return stored


def _set_active(person: User, active: bool) -> None:
    person.is_active = active
    person.save(update_fields=["is_active"])


@sensitive_variables("password")
def create_operator(*, organisation: Organisation, username: str, email: str, password: str) -> User:
    """Store and return an administrator of the organisation who may also enter the operator's tables.

    The organisation is stored with the account when it is a new one.

    Raises:
        Refusal: the user name or the e-mail address belongs to somebody already; nothing is stored then.
    """
    operator = User(
        organisation=organisation,
        role=User.Role.ADMIN,
        is_superuser=True,
        username=username.lower(),
        family_name=username,
        email=email,
        password=make_password(password),
    )
    try:
        with transaction.atomic():
            if organisation._state.adding:
                organisation.save(force_insert=True)
            operator.save(force_insert=True)
    except IntegrityError as error:
        raise Refusal(_("The user name or the e-mail address belongs to another account.")) from error
    return operator
