"""The rows that hold what a person did, owns and is called by: what becomes of each kind when the person is erased.

The table in docs/accounts.md says the same to people. Marks and enrolments stay, under an account that is nobody's.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from attendance import clock
from attendance.models import (
    Activation,
    CheckInAttempt,
    CourseStaff,
    Device,
    Enrolment,
    Invitation,
    LinkedIdentity,
    LoginSession,
    Request,
    User,
)
from attendance.services import throttle
from attendance.services.enrolment import let_end


@dataclass(frozen=True)
class Names:
    """What a person was known by, to find it in rows that name nobody by a key."""

    person: int
    organisation: UUID
    username: str
    email: str
    number: str
    given_name: str
    family_name: str

    @classmethod
    def of(cls, person: User) -> "Names":
        """Return the names that a person has now."""
        return cls(
            person=person.pk,
            organisation=person.organisation_id,
            username=person.username,
            email=person.email,
            number=person.number,
            given_name=person.given_name,
            family_name=person.family_name,
        )

    @property
    def pattern(self) -> str:
        """A regular expression of what names this person in a sentence, as a word; Python and PostgreSQL read it."""
        given, family = self.given_name, self.family_name
        full = [f"{given} {family}", f"{family}, {given}", f"{family} {given}"] if given else [family]
        words = [re.escape(each) for each in (self.username, self.email, self.number, *full) if each]
        return rf"(^|\W)({'|'.join(words)})(\W|$)"


def delete_rows_of(people: QuerySet[User]) -> None:
    """Delete what these people own or did in no register; their requests stay without a word of theirs.

    What waits is taken back. What was decided counts as before.
    """
    requests = Request.objects.filter(student__in=people)
    requests.filter(state=Request.State.PENDING).update(state=Request.State.CANCELLED, updated_at=clock.now())
    requests.exclude(reason="", answer="", attempt=None).update(reason="", answer="", attempt=None)
    CheckInAttempt.objects.filter(student__in=people).delete()
    Device.objects.filter(student__in=people).delete()
    LoginSession.objects.filter(user__in=people).delete()
    LinkedIdentity.objects.filter(user__in=people).delete()
    Activation.objects.filter(user__in=people).delete()
    Invitation.objects.filter(accepted_by__in=people).delete()
    CourseStaff.objects.filter(user__in=people).delete()
    User.groups.through.objects.filter(user__in=people).delete()
    User.user_permissions.through.objects.filter(user__in=people).delete()


def leave_courses(person: User) -> None:
    """Let the person's enrolments end today, each under a roll number that says nothing; lists add up as before."""
    enrolments = Enrolment.objects.select_for_update(of=("self",)).filter(student=person)
    for enrolment in enrolments.select_related("offering__term", "offering__organisation"):
        today = clock.today(enrolment.offering.organisation.zone)
        if enrolment.offering.term.last_day >= today:
            let_end(enrolment, today)
        enrolment.roll_number = f"–{person.pk}"
        enrolment.save(update_fields=["roll_number", "from_day", "until_day"])


def forget_names(names: Names) -> None:
    """Delete failures that were counted and invitations under these names, and empty what the operators' log says."""
    throttle.forget_person(account=names.person, names=filter(None, (names.username, names.email, names.number)))
    if names.email:
        Invitation.objects.filter(organisation=names.organisation, email__iexact=names.email).delete()
    _forget_in_operators_log(names)


def _forget_in_operators_log(names: Names) -> None:
    """Empty what Django's admin wrote down of the person: a line says who changed which row, and no more."""
    about = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(names.person))
    LogEntry.objects.filter(about | Q(object_repr__iregex=names.pattern)).update(object_repr="")


def delete_expired_logins() -> int:
    """Delete the sessions of browsers whose end is past, and return how many there were."""
    ended, _by_model = LoginSession.objects.filter(expire_date__lte=clock.now()).delete()
    return ended


SPENT_KEPT = timedelta(days=90)
"""How long a link, a code or an invitation is kept after its time, so that people can ask what became of it."""


def delete_spent_invitations() -> int:
    """Delete links, codes and invitations whose time was over ninety days ago, and return how many there were."""
    past = clock.now() - SPENT_KEPT
    codes, _by_model = Activation.objects.filter(expires_at__lte=past).delete()
    invitations, _by_model = Invitation.objects.filter(expires_at__lte=past).delete()
    return codes + invitations
