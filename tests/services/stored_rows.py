"""All that is stored, to be compared before and after something that should change nothing."""

from typing import Any

from django.apps import apps


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table of the product."""
    models = apps.get_app_config("attendance").get_models(include_auto_created=True)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}
