"""What happens once when the process starts, and nowhere else."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AttendanceConfig(AppConfig):
    """The product itself."""

    name = "attendance"
    verbose_name = "LuminaLearn"

    def ready(self) -> None:
        """Tell the cache engine of rules, readers, holes, what to warm, and when somebody reads the clock."""
        from attendance import clock
        from attendance.cache_rules import RULES
        from attendance.caching import fills, holes, principals
        from attendance.caching.rules import registry
        from attendance.caching.warming import warmers
        from attendance.queries.directories import course_list, student_list, teacher_list
        from attendance.queries.figures import organisation_figures
        from attendance.queries.readers import SOURCE
        from attendance.services import anchoring_thread, sealing_thread
        from attendance.views.holes import FILLERS

        registry.load(RULES)
        principals.source.connect(SOURCE)
        holes.fillers.update(FILLERS)
        warmers.load(organisation_figures, course_list, student_list, teacher_list)
        clock.listen(fills.note_clock_read)
        sealing_thread.thread.connect()
        anchoring_thread.thread.connect()


class OperatorAdminConfig(AdminConfig):
    """Django's admin, opened to operators only."""

    default_site = "attendance.admin.site.OperatorSite"

    def ready(self) -> None:
        """Register our tables once the site stands."""
        super().ready()
        import_module("attendance.admin.registrations")
