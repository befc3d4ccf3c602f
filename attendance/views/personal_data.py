"""Taking along everything that is stored about one person."""

import logging

from django.http import StreamingHttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from attendance import clock
from attendance.access import SignedInRequest, manage_person, only, signed_in
from attendance.models import User
from attendance.queries.personal_zip import personal_zip

log = logging.getLogger("lumina_learn")


@never_cache
@require_safe
@signed_in
def data_download(request: SignedInRequest) -> StreamingHttpResponse:
    """Send a zip of what is stored about the reader."""
    return _zip_of(request.user, request)


@never_cache
@require_safe
@only(User.Role.ADMIN)
def person_data_download(request: SignedInRequest, person_id: int) -> StreamingHttpResponse:
    """Send a zip of what is stored about somebody whom the administrator looks after."""
    return _zip_of(manage_person(request.user, person_id), request)


def _zip_of(person: User, request: SignedInRequest) -> StreamingHttpResponse:
    log.info("User %s downloads what is stored about user %s", request.user.pk, person.pk)
    name = f"data-of-{person.pk}-{clock.today(person.organisation.zone)}.zip"
    return StreamingHttpResponse(
        personal_zip(person),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
