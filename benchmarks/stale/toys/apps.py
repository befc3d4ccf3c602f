"""The toys as a Django app."""

from django.apps import AppConfig


class ToysConfig(AppConfig):
    """Its tables are made by `migrate --run-syncdb`: an app without migrations."""

    name = "benchmarks.stale.toys"
    label = "toys"
    default_auto_field = "django.db.models.BigAutoField"


class RuledToysConfig(ToysConfig):
    """The toys with rules for this engine: which rows its entries depend on."""

    def ready(self) -> None:
        """Put the rules in force."""
        from attendance.caching.rules import Rule, registry

        book, shelf = self.get_model("Book"), self.get_model("Shelf")
        paths = {"shelf": "shelf", "room": "shelf__room"}
        registry.load(
            (Rule(book, "book", paths, ("shelf", "title", "pages")), Rule(shelf, "shelf", {"room": "room"}, ("room",)))
        )
