"""The sections of a planned term, their weekly hours, and the lectures that come of them."""

from collections.abc import Iterator, Mapping
from datetime import date, time

from attendance.models import Lecture, Meeting, Offering, Organisation, Room, Section, Term
from attendance.queries.holidays import days_free
from attendance.services.missing_rows import Count, Stored, add_missing
from attendance.timetable.expansion import Occurrence, expand
from attendance.timetable.plan import Plan, PlannedMeeting

SectionKey = tuple[str, str]
MeetingKey = tuple[int, int | None, int, time]
LectureKey = tuple[int | None, date | None]


def add_sections(plan: Plan, offerings: Mapping[str, Offering]) -> Stored[SectionKey, Section]:
    """Store sections, known by the code of their course and their name."""
    wanted = {
        (course.code, section.name): Section(offering=offerings[course.code], name=section.name, limit=section.limit)
        for course in plan.courses
        for section in course.sections
    }
    code_of = {offering.pk: code for code, offering in offerings.items()}
    existing = {(code_of[row.offering_id], row.name): row for row in Section.objects.filter(offering__in=code_of)}
    return add_missing(Section, wanted=wanted, existing=existing)


def add_meetings(
    plan: Plan,
    offerings: Mapping[str, Offering],
    sections: Mapping[SectionKey, Section],
    rooms: Mapping[str, Room],
) -> Stored[MeetingKey, Meeting]:
    """Store weekly hours, known by their offering, section, weekday and start."""
    meetings = [
        Meeting(
            offering=offerings[code],
            section=sections[code, section] if section else None,
            weekday=planned.weekday,
            starts_at=planned.starts_at,
            minutes=planned.minutes,
            weeks=planned.weeks,
            room=rooms[planned.room] if planned.room else None,
        )
        for code, section, planned in _planned_meetings(plan)
    ]
    stored = Meeting.objects.filter(offering__in=list(offerings.values()))
    return add_missing(
        Meeting, wanted={_hour(row): row for row in meetings}, existing={_hour(row): row for row in stored}
    )


def _planned_meetings(plan: Plan) -> Iterator[tuple[str, str | None, PlannedMeeting]]:
    for course in plan.courses:
        for meeting in course.meetings:
            yield course.code, None, meeting
        for section in course.sections:
            for meeting in section.meetings:
                yield course.code, section.name, meeting


def _hour(meeting: Meeting) -> MeetingKey:
    return meeting.offering_id, meeting.section_id, meeting.weekday, meeting.starts_at


def add_lectures(organisation: Organisation, term: Term, meetings: Stored[MeetingKey, Meeting]) -> Count:
    """Store the lectures of the meetings, known by the meeting and the day they were planned for; none on a holiday."""
    zone, free = organisation.zone, days_free(organisation)
    wanted: dict[LectureKey, Lecture] = {
        (meeting.pk, occurrence.planned_day): _lecture(organisation, meeting, occurrence)
        for meeting in meetings.rows.values()
        for occurrence in expand(
            first_day=term.first_day,
            weeks=meeting.weeks,
            weekday=meeting.weekday,
            starts_at=meeting.starts_at,
            minutes=meeting.minutes,
            zone=zone,
        )
        if occurrence.planned_day not in free
    }
    stored = Lecture.objects.filter(organisation=organisation, offering__term=term, meeting__isnull=False)
    existing = {(row.meeting_id, row.planned_day): row for row in stored}
    return add_missing(Lecture, wanted=wanted, existing=existing).count


def _lecture(organisation: Organisation, meeting: Meeting, occurrence: Occurrence) -> Lecture:
    return Lecture(
        organisation=organisation,
        offering_id=meeting.offering_id,
        section_id=meeting.section_id,
        meeting=meeting,
        planned_day=occurrence.planned_day,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        room_id=meeting.room_id,
    )
