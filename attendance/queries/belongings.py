"""Where a person works, learns and oversees: what decides which courses and lectures are theirs.

Of the reader for whom a cached page is made it is known already; of anybody else it is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from attendance.access import Rights, readable_organisations, remember_administered
from attendance.models import CourseStaff, User

_KNOWN = "_belongings"
"""The attribute of a person that holds what is known already."""


@dataclass(frozen=True, kw_only=True)
class Belongings:
    """Where one person belongs; ids alone, so that JSON can spell it.

    Attributes:
        user: the person's id.
        role: as what; what follows a comma is about the installation and not about courses.
        organisation: the person's own, as 32 digits.
        organisations: of which this person may read everything, none for teachers and students.
        duties: where this person works, as pairs of an offering and the only lecture, 0 for all of them.
        owned: the offerings that are this person's own.
        places: where this person is enrolled, as pairs of an offering and a section; one with 0 for each offering.
    """

    user: int
    role: str
    organisation: str
    organisations: list[str]
    duties: list[list[int]]
    owned: list[int]
    places: list[list[int]]

    @property
    def reach(self) -> list[str]:
        """The organisations whose rows this person can come to see."""
        return self.organisations or [self.organisation]

    @property
    def offerings(self) -> list[int]:
        """In which offerings this person works or is enrolled."""
        return sorted({offering for offering, _which in [*self.duties, *self.places]})

    @property
    def enrolled(self) -> list[int]:
        """In which offerings this person is enrolled."""
        return sorted({offering for offering, _section in self.places})

    def rights_in(self, organisation: str, offering: int, lecture: int = 0, section: int = 0) -> Rights:
        """Return what this person may do in an offering of that organisation, as `access.rights_in` does.

        With a lecture, duties for that lecture alone count as well, and with its section only who is in it attends.
        """
        if organisation in self.organisations:
            administers = self.role.partition(",")[0] == User.Role.ADMIN
            return Rights(attend=False, read=True, mark=administers, manage=administers)
        if organisation != self.organisation:
            return Rights(attend=False, read=False, mark=False, manage=False)
        works = any([offering, which] in self.duties for which in {0, lecture})
        attends = not works and [offering, section] in self.places
        return Rights(attend=attends, read=works, mark=works, manage=offering in self.owned)


def belongings_of(user: User) -> Belongings:
    """Return where a person belongs; 1 query unless it is known, for administrators more."""
    known: Belongings | None = getattr(user, _KNOWN, None)
    return known or _loaded(user)


def remember(user: User, belongings: Belongings) -> None:
    """Let it be known of a person, for as long as this object is used."""
    setattr(user, _KNOWN, belongings)
    remember_administered(user, [UUID(each) for each in belongings.organisations])


def is_remembered(user: User) -> bool:
    """Say whether it is known of a person where that person belongs."""
    return getattr(user, _KNOWN, None) is not None


def _loaded(user: User) -> Belongings:
    """Read where a person belongs; duties and places are joined, so each pair of a duty and a place is a row."""
    columns = ("duties__offering", "duties__lecture", "duties__duty", "enrolments__offering", "enrolments__sections")
    rows = list(User.objects.filter(pk=user.pk).values_list(*columns))
    return Belongings(
        user=user.pk,
        role=user.role,
        organisation=user.organisation_id.hex,
        organisations=sorted(each.hex for each in readable_organisations(user)),
        duties=pairs((offering, lecture) for offering, lecture, *_rest in rows),
        owned=owned_of((offering, duty) for offering, _lecture, duty, *_rest in rows),
        places=pairs(pair for *_rest, place, seat in rows for pair in ((place, seat), (place, None))),
    )


def pairs(found: Iterable[tuple[int | None, int | None]]) -> list[list[int]]:
    """Return pairs of ids once each, without those that have no first half; no second half is 0."""
    return [list(pair) for pair in sorted({(first, second or 0) for first, second in found if first is not None})]


def owned_of(duties: Iterable[tuple[int | None, str | None]]) -> list[int]:
    """Return the offerings among pairs of an offering and a duty in which the duty is that of an owner."""
    return sorted({offering for offering, duty in duties if offering is not None and duty == CourseStaff.Duty.OWNER})
