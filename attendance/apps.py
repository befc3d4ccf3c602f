"""What happens once when the process starts, and nowhere else."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AttendanceConfig(AppConfig):
    """The product itself."""

    name = "attendance"
    verbose_name = "LuminaLearn"


class OperatorAdminConfig(AdminConfig):
    """Django's admin, opened to operators only."""

    default_site = "attendance.admin.site.OperatorSite"

    def ready(self) -> None:
        """Register our tables once the site stands."""
        super().ready()
        import_module("attendance.admin.registrations")
