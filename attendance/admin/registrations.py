"""Which tables an operator can look at and change by hand."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from attendance.models import (
    Activation,
    Attendance,
    AttendanceEvent,
    AttendanceSession,
    CheckInAttempt,
    Course,
    CourseStaff,
    Department,
    Device,
    Enrolment,
    Holiday,
    Import,
    Invitation,
    Lecture,
    LinkedIdentity,
    LoginSession,
    Offering,
    Organisation,
    Request,
    Room,
    Section,
    Term,
    Throttle,
    TimeConfig,
    TimeSlot,
    User,
)
from attendance.services.policies import Ruled, policy_recorded


class ViewOnly(admin.ModelAdmin[Any]):
    """Rows that follow from acts in the product: to read, never to write by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No row is added by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No row is changed by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No row is deleted by hand."""
        return False


class RuledAdmin(admin.ModelAdmin[Any]):
    """Rows that others are reckoned by: a policy that is changed by hand is an act of the record as well."""

    def save_model(self, request: HttpRequest, obj: Ruled, form: Any, change: bool) -> None:
        """Store a row, and record what changed of its policy."""
        with policy_recorded(obj, actor=cast("User", request.user)):
            super().save_model(request, obj, form, change)


@admin.register(Organisation)
class OrganisationAdmin(RuledAdmin):
    """Institutions and their groups."""

    list_display = ["name", "slug", "parent", "time_zone"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    """People; passwords are set by the person or by the `changepassword` command."""

    list_display = ["username", "family_name", "given_name", "role", "organisation", "is_active"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "family_name", "given_name", "email", "number"]
    autocomplete_fields = ["organisation", "department"]
    list_select_related = ["organisation"]
    exclude = ["password", "groups", "user_permissions", "last_login"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody changes an erased account."""
        return (obj is None or obj.erased_at is None) and super().has_change_permission(request, obj)


@admin.register(Department, Room, Term, Holiday)
class NamedAdmin(admin.ModelAdmin[Any]):
    """Short tables that have a name and an organisation."""

    list_display = ["name", "organisation"]
    search_fields = ["name"]
    autocomplete_fields = ["organisation"]


@admin.register(TimeConfig)
class TimeConfigAdmin(ViewOnly):
    """How days are cut; the slots follow from it, so it is not written by hand."""

    list_display = ["organisation", "is_active", "working_days", "slots_per_day", "start_time", "end_time"]
    list_select_related = ["organisation"]


@admin.register(TimeSlot)
class TimeSlotAdmin(ViewOnly):
    """What follows from a time configuration."""

    list_display = ["department", "weekday", "position", "starts_at", "ends_at"]
    list_select_related = ["department"]


@admin.register(Course)
class CourseAdmin(admin.ModelAdmin[Course]):
    """The catalogue."""

    list_display = ["code", "title", "department", "organisation"]
    search_fields = ["code", "title"]
    autocomplete_fields = ["organisation", "department"]


@admin.register(Offering)
class OfferingAdmin(RuledAdmin):
    """Courses of a term and their attendance policy."""

    list_display = ["course", "term", "organisation"]
    list_select_related = ["course", "term", "organisation"]
    search_fields = ["course__code", "course__title"]
    autocomplete_fields = ["organisation", "course", "term"]


@admin.register(Enrolment)
class EnrolmentAdmin(admin.ModelAdmin[Enrolment]):
    """Who is in which course."""

    list_display = ["roll_number", "student", "offering"]
    list_select_related = ["student", "offering__course", "offering__term"]
    search_fields = ["roll_number", "student__family_name", "student__number", "offering__course__code"]
    autocomplete_fields = ["offering", "student", "sections"]


@admin.register(Section)
class SectionAdmin(admin.ModelAdmin[Section]):
    """Parts of an offering that meet by themselves."""

    list_display = ["name", "offering", "limit"]
    list_select_related = ["offering__course", "offering__term"]
    search_fields = ["name", "offering__course__code", "offering__course__title"]
    autocomplete_fields = ["offering"]


@admin.register(CourseStaff)
class CourseStaffAdmin(admin.ModelAdmin[CourseStaff]):
    """Who owns an offering, assists in it, or stands in for one lecture."""

    list_display = ["user", "duty", "offering", "lecture"]
    list_select_related = ["user", "offering__course", "offering__term", "lecture__offering__course"]
    list_filter = ["duty"]
    search_fields = ["user__family_name", "user__number", "offering__course__code"]
    autocomplete_fields = ["user", "offering", "lecture"]


@admin.register(Lecture)
class LectureAdmin(admin.ModelAdmin[Lecture]):
    """The timetable's hours."""

    list_display = ["offering", "starts_at", "ends_at", "room"]
    list_select_related = ["offering__course", "offering__term", "room"]
    search_fields = ["offering__course__code", "offering__course__title"]
    autocomplete_fields = ["organisation", "offering", "room", "section"]
    exclude = ["meeting"]
    date_hierarchy = "starts_at"


@admin.register(AttendanceSession)
class AttendanceSessionAdmin(ViewOnly):
    """When attendance was taken."""

    list_display = ["lecture", "opened_at", "closed_at", "opened_by"]
    list_select_related = ["lecture__offering__course", "opened_by"]


@admin.register(AttendanceEvent)
class AttendanceEventAdmin(ViewOnly):
    """The record itself."""

    list_display = ["received_at", "kind", "lecture", "student", "from_status", "to_status", "actor"]
    list_select_related = ["lecture__offering__course", "student", "actor"]
    exclude = ["salt", "commitment"]


@admin.register(Attendance)
class AttendanceAdmin(ViewOnly):
    """The current status, which follows from the events."""

    list_display = ["student", "lecture", "status", "recorded_at"]
    list_select_related = ["lecture__offering__course", "student"]


@admin.register(CheckInAttempt)
class CheckInAttemptAdmin(ViewOnly):
    """Every scan, with what became of it."""

    list_display = ["received_at", "student", "lecture", "outcome"]
    list_select_related = ["student", "lecture__offering__course"]
    list_filter = ["outcome"]
    search_fields = ["student__family_name", "student__number"]


@admin.register(Device)
class DeviceAdmin(ViewOnly):
    """The devices with which students check in; they are forgotten on the product's own pages."""

    list_display = ["student", "browser", "bound_at", "last_used_at", "revoked_at"]
    list_select_related = ["student"]
    search_fields = ["student__family_name", "student__number"]


@admin.register(Request)
class RequestAdmin(ViewOnly):
    """What students asked for; people decide on the product's own pages."""

    list_display = ["created_at", "kind", "student", "state", "decided_by"]
    list_select_related = ["student", "decided_by"]
    list_filter = ["kind", "state"]
    search_fields = ["student__family_name", "student__number"]


@admin.register(Import)
class ImportAdmin(ViewOnly):
    """What was brought in from outside, with what became of its rows."""

    list_display = ["file_name", "source", "state", "organisation", "prepared_at", "applied_at"]
    list_select_related = ["organisation"]


@admin.register(Invitation)
class InvitationAdmin(ViewOnly):
    """Open, accepted and revoked invitations; people invite on the product's own page."""

    list_display = ["email", "role", "organisation", "expires_at", "accepted_by", "revoked_at"]
    list_select_related = ["organisation", "accepted_by"]


@admin.register(Activation)
class ActivationAdmin(ViewOnly):
    """Links and codes for a first password; people send and print them on the product's own pages."""

    list_display = ["user", "kind", "created_at", "expires_at", "sent_at", "failed_at", "used_at", "revoked_at"]
    list_select_related = ["user"]
    list_filter = ["kind"]


@admin.register(LinkedIdentity)
class LinkedIdentityAdmin(ViewOnly):
    """Whom an OpenID provider means by a subject."""

    list_display = ["user", "issuer", "subject", "linked_at"]
    list_select_related = ["user"]
    search_fields = ["user__family_name", "user__number", "subject"]


@admin.register(LoginSession)
class LoginSessionAdmin(ViewOnly):
    """Signed-in browsers; key and data stay out of sight."""

    list_display = ["handle", "user", "expire_date"]
    list_select_related = ["user"]
    fields = ["handle", "user", "expire_date"]


@admin.register(Throttle)
class ThrottleAdmin(ViewOnly):
    """Failures that are being counted."""

    list_display = ["purpose", "account", "address", "failures", "since"]
