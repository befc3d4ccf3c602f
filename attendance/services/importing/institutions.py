"""The institution that a file from elsewhere is about, which may not be there yet."""

from django.core.exceptions import ValidationError

from attendance.models import Import, Organisation
from attendance.services.refusals import Refusal


def found_institution(*, slug: str, name: str, time_zone: str) -> Organisation:
    """Store and return a new institution.

    Raises:
        Refusal: its short name is taken, or one of these cannot be so.
    """
    made = Organisation(slug=slug, name=name, time_zone=time_zone)
    try:
        made.full_clean()
    except ValidationError as error:
        problems = [f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items()]
        raise Refusal(" ".join(problems)) from error
    made.save()
    return made


def abandon_institution(*, organisation: Organisation) -> None:
    """Delete an institution that was made for an import which then came to nothing."""
    Import.objects.filter(organisation=organisation).delete()
    organisation.delete()
