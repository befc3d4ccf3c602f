"""Reads about first passwords: who waits for one, how far everybody is, and what a link or a code opens."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core import signing
from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, TextChoices, Value, When
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from attendance import clock
from attendance.models import Activation, User
from attendance.queries.invitations import hash_of
from attendance.queries.people import people_found

PROOF_LIFETIME = timedelta(minutes=15)
_PROOF = "attendance.activation.proof"
_CODE = "attendance.activation.code"


class ActivationState(Enum):
    """What has become of a link or a code."""

    OPEN = auto()
    USED = auto()
    REVOKED = auto()
    EXPIRED = auto()
    NOT_NEEDED = auto()
    """The person has a password already."""
    CLOSED = auto()
    """The account was deactivated."""


class Progress(TextChoices):
    """How far somebody without a password is on the way in."""

    NEW = "new", _("not invited")
    SENDING = "sending", _("link on its way")
    SENT = "sent", _("link sent")
    FAILED = "failed", _("mail failed")
    PRINTED = "printed", _("code printed")
    ENDED = "ended", _("link or code ended")
    ACTIVATED = "activated", _("activated")


@dataclass(frozen=True)
class Choice:
    """Which of those who wait: empty or None means all."""

    search: str = ""
    role: str = ""
    department: int | None = None
    progress: str = ""


def code_hash(person_id: int, code: str) -> str:
    """Return what is kept of a person's code, in which case, spaces and dashes do not matter.

    A code has 49 random bits. A server that counts failures makes guessing it hopeless, but a bare SHA-256 of it falls
    to a graphics card within a day once the table is stolen, and a slow hash costs a sheet of a thousand a minute. So
    it is keyed with `SECRET_KEY`, which no database holds, and bound to the person: the table alone tells nothing. A
    new `SECRET_KEY` ends open codes, as it ends links for a forgotten password.
    """
    typed = "".join(character for character in code.upper() if character.isalnum())
    return salted_hmac(_CODE, f"{person_id}:{typed}", algorithm="sha256").hexdigest()


def activation_of_code(identifier: str, code: str) -> Activation | None:
    """Return the activation that a person's name and code belong to, whatever became of it.

    A number may belong to people of several organisations; their codes tell them apart.
    """
    name = identifier.strip()
    named = Q(user__username=name.lower()) | Q(user__email__iexact=name) | Q(user__number__iexact=name)
    printed = Activation.objects.filter(named, kind=Activation.Kind.CODE) if name else Activation.objects.none()
    rows = printed.select_related("user__organisation")
    return next((row for row in rows if constant_time_compare(row.secret_hash, code_hash(row.user_id, code))), None)


def proof_of(activation: Activation) -> str:
    """Return what stands in for a link for a quarter of an hour, for somebody who typed the right code."""
    return signing.dumps(activation.pk, salt=_PROOF)


def activation_of(token: str) -> Activation | None:
    """Return the activation that a link's token or a proof belongs to, whatever became of it; None for a late proof."""
    activations = Activation.objects.select_related("user__organisation", "created_by")
    try:
        return activations.filter(pk=signing.loads(token, salt=_PROOF, max_age=PROOF_LIFETIME)).first()
    except signing.BadSignature:
        return activations.filter(kind=Activation.Kind.LINK, secret_hash=hash_of(token)).first()


def state_of(activation: Activation) -> ActivationState:
    """Return what has become of an activation by now; `activation.user` has to be as it is now."""
    if activation.used_at is not None:
        return ActivationState.USED
    if activation.revoked_at is not None:
        return ActivationState.REVOKED
    if activation.expires_at <= clock.now():
        return ActivationState.EXPIRED
    if not activation.user.is_active:
        return ActivationState.CLOSED
    return ActivationState.NOT_NEEDED if activation.user.has_usable_password() else ActivationState.OPEN


def _progress() -> Case:
    """Return the expression that finds one of `Progress` for a person, or nothing for who needs no link and no code."""
    own = Activation.objects.filter(user=OuterRef("pk"))
    valid = own.filter(used_at=None, revoked_at=None, expires_at__gt=clock.now())
    whens = [
        When(Exists(own.filter(used_at__isnull=False)), then=Value(Progress.ACTIVATED)),
        When(~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX) | Q(last_login__isnull=False), then=Value("")),
        When(Exists(valid.filter(kind=Activation.Kind.CODE)), then=Value(Progress.PRINTED)),
        When(Exists(valid.filter(failed_at__isnull=False)), then=Value(Progress.FAILED)),
        When(Exists(valid.filter(sent_at__isnull=False)), then=Value(Progress.SENT)),
        When(Exists(valid), then=Value(Progress.SENDING)),
        When(Exists(own), then=Value(Progress.ENDED)),
    ]
    return Case(*whens, default=Value(Progress.NEW), output_field=CharField())


def with_progress(people: QuerySet[User]) -> QuerySet[User]:
    """Return the people with `progress`, one of `Progress`; empty for who needs no link and no code."""
    return people.annotate(progress=_progress())


def progress_of(person: User) -> str:
    """Return one of `Progress` for one person; empty for who needs no link and no code."""
    return str(User.objects.annotate(progress=_progress()).values_list("progress", flat=True).get(pk=person.pk))


def people_waiting(organisations: Collection[UUID], choice: Choice) -> QuerySet[User]:
    """Return the active people of these organisations who never logged in and have no password, with `progress`."""
    waiting = people_found(organisations, search=choice.search).filter(
        is_active=True, last_login=None, password__startswith=UNUSABLE_PASSWORD_PREFIX
    )
    if choice.role:
        waiting = waiting.filter(role=choice.role)
    if choice.department is not None:
        waiting = waiting.filter(department=choice.department)
    known = waiting.annotate(progress=_progress())
    return known.filter(progress=choice.progress) if choice.progress else known


def latest_activation(person: User) -> Activation | None:
    """Return the link or code that came last for a person."""
    return Activation.objects.filter(user=person).select_related("created_by").first()
