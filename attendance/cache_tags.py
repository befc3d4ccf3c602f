"""How each tag is spelled, in one place; `cache_rules` says which rows dirty them.

A tag is `<rule>.<path>=<value>`. Ids of organisations are written as 32 digits, without dashes.
"""

from uuid import UUID


def _digits(organisation: UUID | str) -> str:
    """Return an id of an organisation as 32 digits; who has it as these already is not made to wait for a UUID."""
    return organisation if isinstance(organisation, str) and len(organisation) == 32 else UUID(str(organisation)).hex


def _of_organisation(rule: str, organisation: UUID | str) -> str:
    return f"{rule}.organisation={_digits(organisation)}"


def organisation(organisation_id: UUID | str) -> str:
    """The organisation itself: name, zone, thresholds."""
    return f"organisation.id={_digits(organisation_id)}"


def people_of(organisation_id: UUID | str) -> str:
    """Everybody of an organisation, as directories show them."""
    return _of_organisation("user", organisation_id)


def person(user_id: int) -> str:
    """One person."""
    return f"user.id={user_id}"


def departments_of(organisation_id: UUID | str) -> str:
    """The departments of an organisation."""
    return _of_organisation("department", organisation_id)


def rooms_of(organisation_id: UUID | str) -> str:
    """The rooms of an organisation."""
    return _of_organisation("room", organisation_id)


def terms_of(organisation_id: UUID | str) -> str:
    """The terms of an organisation."""
    return _of_organisation("term", organisation_id)


def courses_of(organisation_id: UUID | str) -> str:
    """The catalogue of an organisation."""
    return _of_organisation("course", organisation_id)


def offerings_of(organisation_id: UUID | str) -> str:
    """The courses of all terms of an organisation."""
    return _of_organisation("offering", organisation_id)


def staff_of_organisation(organisation_id: UUID | str) -> str:
    """Who works on any offering of an organisation."""
    return _of_organisation("staff", organisation_id)


def enrolments_of_organisation(organisation_id: UUID | str) -> str:
    """Who is enrolled in any offering of an organisation."""
    return _of_organisation("enrolment", organisation_id)


def sections_of_organisation(organisation_id: UUID | str) -> str:
    """The sections of all offerings of an organisation."""
    return _of_organisation("section", organisation_id)


def lectures_of(organisation_id: UUID | str) -> str:
    """The timetable of an organisation."""
    return _of_organisation("lecture", organisation_id)


def lecture(lecture_id: int) -> str:
    """One lecture: times, room, topic."""
    return f"lecture.id={lecture_id}"


def sessions_of_lecture(lecture_id: int) -> str:
    """The attendance sessions of one lecture."""
    return f"session.lecture={lecture_id}"


def sessions_of_organisation(organisation_id: UUID | str) -> str:
    """The attendance sessions of an organisation."""
    return _of_organisation("session", organisation_id)


def attendance_of_lecture(lecture_id: int) -> str:
    """The marks of one lecture."""
    return f"attendance.lecture={lecture_id}"


def attendance_of_student(student_id: int) -> str:
    """The marks of one student."""
    return f"attendance.student={student_id}"


def organisations_under(organisation_id: UUID | str) -> str:
    """The organisations that belong to one directly."""
    return f"organisation.parent={_digits(organisation_id)}"


def account(user_id: int) -> str:
    """What lets one person in, and as what."""
    return f"account.id={user_id}"


def login(handle: str) -> str:
    """One signed-in browser."""
    return f"login.handle={handle}"


def duties_of(user_id: int) -> str:
    """In which offerings and lectures one person works."""
    return f"staff.user={user_id}"


def enrolments_of(student_id: int) -> str:
    """In which offerings one student is."""
    return f"enrolment.student={student_id}"


def seats_of(student_id: int) -> str:
    """In which sections one student is."""
    return f"seat.student={student_id}"


def taken_of_organisation(organisation_id: UUID | str) -> str:
    """Which lectures of an organisation have a mark at all."""
    return _of_organisation("taken", organisation_id)


def blocks_of_organisation(organisation_id: UUID | str) -> str:
    """What the blocks of the ledger hold of an organisation."""
    return _of_organisation("block_share", organisation_id)


def blocks_of_all() -> str:
    """What the blocks of the ledger hold of any organisation."""
    return "blocks"


def names_of_organisations() -> str:
    """What all organisations are called."""
    return "organisations"


def anchors_in(network: str) -> str:
    """The anchors of the ledger in a network of a chain; where anchoring is off, a network that has none."""
    return f"anchor.network={network or 'off'}"


def timetable_of_offering(offering_id: int) -> list[str]:
    """One offering with its lectures and what state they are in, and nobody's marks."""
    rules = ("section", "lecture", "session", "taken")
    return [f"offering.id={offering_id}", *(f"{rule}.offering={offering_id}" for rule in rules)]


def enrolments_of_offering(offering_id: int) -> str:
    """Who is enrolled in one offering."""
    return f"enrolment.offering={offering_id}"


def staff_of_offering(offering_id: int) -> str:
    """Who works on one offering."""
    return f"staff.offering={offering_id}"


def around_offering(offering_id: int) -> list[str]:
    """One offering with all that hangs on it: staff, enrolments, sections and seats, lectures, check-ins, marks."""
    rules = ("staff", "enrolment", "section", "seat", "lecture", "session", "attendance")
    return [f"offering.id={offering_id}", *(f"{rule}.offering={offering_id}" for rule in rules)]
