"""Taking everything along that an institution put in."""

import logging

from django.http import StreamingHttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from attendance import clock
from attendance.access import SignedInRequest, only
from attendance.models import User
from attendance.queries.export_zip import export_zip

log = logging.getLogger("lumina_learn")


@never_cache
@require_safe
@only(User.Role.ADMIN)
def export_download(request: SignedInRequest) -> StreamingHttpResponse:
    """Send a zip of CSV files of the administrator's own organisation, which is made while it is being sent."""
    organisation = request.user.organisation
    name = f"{organisation.slug}-{clock.today(organisation.zone)}.zip"
    log.info("User %s downloads the export of organisation %s", request.user.pk, organisation.pk)
    return StreamingHttpResponse(
        export_zip(organisation),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
