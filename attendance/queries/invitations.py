"""Reads about invitations."""

import hashlib
from collections.abc import Collection
from enum import Enum, auto
from uuid import UUID

from django.db.models import QuerySet

from attendance import clock
from attendance.models import Invitation


class InvitationState(Enum):
    """What has become of an invitation."""

    OPEN = auto()
    ACCEPTED = auto()
    REVOKED = auto()
    EXPIRED = auto()


def hash_of(token: str) -> str:
    """Return the SHA-256 of a token as 64 hexadecimal digits: all that is kept of it.

    The token has 256 random bits, so nobody finds it by trying and a slow hash would protect nothing.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_of(token: str) -> Invitation | None:
    """Return the invitation that a link's token belongs to, whatever became of it."""
    invitations = Invitation.objects.select_related("organisation", "invited_by")
    return invitations.filter(token_hash=hash_of(token)).first()


def state_of(invitation: Invitation) -> InvitationState:
    """Return what has become of an invitation by now."""
    if invitation.accepted_by_id is not None:
        return InvitationState.ACCEPTED
    if invitation.revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.EXPIRED if invitation.expires_at <= clock.now() else InvitationState.OPEN


def open_invitations(organisations: Collection[UUID]) -> QuerySet[Invitation]:
    """Return the invitations to these organisations that wait for an answer, the latest first.

    Those that ended by themselves are among them: somebody has to decide whether to invite again.
    """
    waiting = Invitation.objects.filter(organisation__in=organisations, accepted_by=None, revoked_at=None)
    return waiting.select_related("organisation", "invited_by")
