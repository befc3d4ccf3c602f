"""Make the faculty on the morning of the day, sign everybody in, and say as JSON who they are and what is taught."""

import json
import os
import sys
from datetime import datetime, time
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 -- needs the settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.utils.crypto import get_random_string  # noqa: E402

from attendance.models import CourseStaff, Enrolment, Lecture, User  # noqa: E402
from attendance.sign_in.sessions import SessionStore  # noqa: E402
from benchmarks.teaching_day.faculty import Faculty, faculty  # noqa: E402
from benchmarks.teaching_day.passing import CLOCK, DAY, Passing  # noqa: E402


def main() -> None:
    """Write everything to standard output."""
    timezone.now = Passing(Path(os.environ[CLOCK])).now
    sys.stdout.write(json.dumps(_cast(faculty())))


def _cast(there: Faculty) -> dict[str, Any]:
    zone = there.offerings[0].organisation.zone
    midnight = datetime.combine(DAY, time.min, tzinfo=zone).timestamp()
    courses = {offering.pk: {"code": offering.enrolment_code, "students": []} for offering in there.offerings}
    for offering, student in Enrolment.objects.order_by("pk").values_list("offering", "student"):
        courses[offering]["students"].append(student)
    taught = CourseStaff.objects.order_by("pk").values_list("user", "offering")
    today = [lecture for lecture in there.lectures if lecture.starts_at.date() == DAY]
    return {
        "midnight": midnight,
        "admins": [_person(each) for each in there.admins],
        "teachers": [
            _person(each) | {"courses": [of for who, of in taught if who == each.pk]} for each in there.teachers
        ],
        "students": [_person(each) for each in there.students],
        "courses": courses,
        "rooms": [room.pk for room in there.rooms],
        "lectures": [_lecture(each, midnight) for each in today],
    }


def _person(user: User) -> dict[str, Any]:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    cookies = {"sessionid": str(session.session_key), "csrftoken": get_random_string(32)}
    return {"id": user.pk, "name": user.full_name, "family_name": user.family_name, "cookies": cookies}


def _lecture(lecture: Lecture, midnight: float) -> dict[str, Any]:
    """Return a lecture of the day, with the form in which it is changed."""
    zone = lecture.organisation.zone
    start, end = lecture.starts_at.astimezone(zone), lecture.ends_at.astimezone(zone)
    return {
        "id": lecture.pk,
        "course": lecture.offering_id,
        "start": start.timestamp() - midnight,
        "end": end.timestamp() - midnight,
        "form": {
            "day": f"{start:%Y-%m-%d}",
            "start": f"{start:%H:%M}",
            "end": f"{end:%H:%M}",
            "room": lecture.room_id or "",
            "section": "",
            "mode": lecture.mode,
            "topic": lecture.topic,
        },
    }


if __name__ == "__main__":
    main()
