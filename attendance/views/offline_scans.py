"""Taking scans that a device kept while it had no network."""

from django.http import JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from attendance.access import SignedInRequest
from attendance.api.answers import error, for_roles
from attendance.models import CheckInAttempt, User
from attendance.services.check_in import OfflineScan, check_in_offline
from attendance.views.check_in import sender_of
from attendance.views.check_in_words import answer_to
from attendance.views.forms.check_in import OfflineScanForm


@never_cache
@require_POST
@for_roles(User.Role.STUDENT)
def offline_scan_send(request: SignedInRequest) -> JsonResponse:
    """Take a scan and answer `{"outcome", "sentence", "lecture", "href"}` with the status that says the same.

    `code` is the text of the code, `scanned_at` the device's own time in milliseconds since 1970, `nonce` a UUID that
    the device made, `device` and `signature` as in every scan. What is no scan at all gets 400 and leaves nothing.
    """
    form = OfflineScanForm(request.POST)
    if not form.is_valid():
        return error(400, "no_scan", _("This is no scan that was kept. Scan the code again."))
    scan = OfflineScan(form.cleaned_data["code"], form.cleaned_data["scanned_at"], form.cleaned_data["nonce"])
    attempt = check_in_offline(student=request.user, scan=scan, sender=sender_of(request))
    answer = answer_to(attempt)
    return JsonResponse({"sentence": answer.sentence, **_plain(attempt)}, status=answer.status)


def _plain(attempt: CheckInAttempt) -> dict[str, str | None]:
    lecture = attempt.lecture
    return {
        "outcome": attempt.outcome,
        "lecture": lecture.offering.course.title if lecture else None,
        "href": reverse("scan_show", args=[attempt.pk]),
    }
