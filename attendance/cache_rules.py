"""The one table: which columns of which model dirty which tags. Triggers are generated from it.

Read a line as: when one of these columns of a row changes, or a row comes or goes, the entries that list the row under
one of these paths are out of date.
"""

from attendance.caching.rules import First, Rule
from attendance.models import (
    Anchor,
    Attendance,
    AttendanceSession,
    BlockShare,
    Course,
    CourseStaff,
    Department,
    Enrolment,
    Lecture,
    LoginSession,
    Offering,
    Organisation,
    Room,
    Section,
    Term,
    TimeConfig,
    TimeSlot,
    User,
)

_OWN = {"id": "id", "organisation": "organisation"}
_POLICY = ("late_weight", "left_early_weight", "remote_weight", "blank_counts_absent", "drop_lowest")

RULES = (
    Rule(
        Organisation,
        "organisation",
        {"id": "id", "parent": "parent"},
        ("parent", "name", "time_zone", "at_risk_percent", "warning_percent", "late_after_minutes", "session_minutes"),
    ),
    Rule(
        User,
        "user",
        _OWN,
        (
            "organisation",
            "role",
            "username",
            "email",
            "number",
            "given_name",
            "family_name",
            "department",
            "is_active",
            "erased_at",
        ),
    ),
    # What a page shows of its own reader, and what lets a reader in: apart, so that a new password ends no directory.
    Rule(User, "account", {"id": "id"}, ("organisation", "role", "password", "is_active", "is_superuser", "language")),
    Rule(
        LoginSession,
        "login",
        {"handle": "handle"},
        ("handle", "user", "session_data", "expire_date"),
        named_by="handle",
    ),
    Rule(Department, "department", _OWN, ("organisation", "name")),
    Rule(Room, "room", _OWN, ("organisation", "name", "capacity", "archived_at")),
    Rule(Term, "term", _OWN, ("organisation", "name", "first_day", "last_day")),
    Rule(
        TimeConfig,
        "time_config",
        _OWN,
        (
            "organisation",
            "is_active",
            "working_days",
            "slots_per_day",
            "start_time",
            "end_time",
            "slot_duration_minutes",
            "lunch_break_enabled",
            "lunch_break_start",
            "lunch_break_end",
        ),
    ),
    Rule(
        TimeSlot,
        "time_slot",
        {"config": "config", "department": "department", "organisation": "config__organisation"},
        ("config", "department", "weekday", "position", "starts_at", "ends_at"),
    ),
    Rule(Course, "course", _OWN, ("organisation", "department", "code", "title", "archived_at")),
    Rule(
        Offering,
        "offering",
        {**_OWN, "course": "course"},
        ("organisation", "course", "term", *_POLICY, "enrolment_code", "enrolment_code_expires_at"),
    ),
    Rule(
        CourseStaff,
        "staff",
        {"offering": "offering", "user": "user", "organisation": "offering__organisation"},
        ("offering", "user", "duty", "lecture"),
    ),
    Rule(
        Enrolment,
        "enrolment",
        {"offering": "offering", "student": "student", "organisation": "offering__organisation"},
        ("offering", "student", "roll_number", "from_day", "until_day"),
    ),
    Rule(
        Section,
        "section",
        {"offering": "offering", "organisation": "offering__organisation"},
        ("offering", "name", "limit"),
    ),
    Rule(
        Enrolment.sections.through,
        "seat",
        {
            "enrolment": "enrolment",
            "section": "section",
            "student": "enrolment__student",
            "offering": "enrolment__offering",
        },
        ("enrolment", "section"),
    ),
    Rule(
        Lecture,
        "lecture",
        {**_OWN, "offering": "offering"},
        ("organisation", "offering", "section", "starts_at", "ends_at", "room", "mode", "topic", "cancelled_at"),
    ),
    Rule(
        AttendanceSession,
        "session",
        {"lecture": "lecture", "offering": "lecture__offering", "organisation": "lecture__organisation"},
        ("lecture", "opened_at", "ends_at", "closed_at"),
    ),
    Rule(
        Attendance,
        "attendance",
        {
            "lecture": "lecture",
            "student": "student",
            "offering": "lecture__offering",
            "organisation": "lecture__organisation",
        },
        ("lecture", "student", "status"),
    ),
    # Whether a lecture was taken at all is all that others see of its marks, and one more mark changes nothing in that.
    Rule(
        Attendance,
        "taken",
        {"offering": "lecture__offering", "organisation": "lecture__organisation"},
        ("lecture", "status"),
        first=First(of="lecture", unless="status"),
    ),
    # Blocks and entries themselves never change, and recording an event changes no count of a block.
    Rule(
        BlockShare,
        "block_share",
        {"organisation": "organisation"},
        ("checkpoint", "organisation", "entries", "sealed", "waiting", "longest_wait"),
    ),
    # What operators see of all organisations together hangs on no one of them: these rules have the table's tag alone.
    Rule(BlockShare, "blocks", {}, ("checkpoint", "organisation", "entries", "sealed", "waiting", "longest_wait")),
    Rule(Organisation, "organisations", {}, ("name",)),
    # What an anchor goes through before a ledger has it is shown by no page that is kept.
    Rule(Anchor, "anchor", {"network": "network"}, ("network", "confirmed_at", "ledger")),
)
