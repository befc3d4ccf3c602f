"""What an import needs to know before it starts."""

from attendance.models import Term


def term_named(*, organisation_slug: str, name: str) -> Term | None:
    """Return the organisation's term of that name, or None where either of them does not exist."""
    return Term.objects.filter(organisation__slug=organisation_slug, name=name).select_related("organisation").first()
