"""The cache engine as a Django app of its own; it knows nothing of the product around it."""

from django.apps import AppConfig


class CachingConfig(AppConfig):
    """Tables of the outbox, and the wires to Django that `connect` puts up."""

    name = "attendance.caching"
    label = "caching"
    verbose_name = "Cache engine"

    def ready(self) -> None:
        """Watch every database connection for writes, and keep the triggers in step with migrations."""
        from attendance.caching import background, schema, writes

        writes.connect()
        schema.connect()
        background.connect()
