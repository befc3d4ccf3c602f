"""Mailing many activation links while nobody waits, and writing down what became of each."""

import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from attendance import clock
from attendance.models import Activation
from attendance.services import mail
from attendance.services.batches import BATCH

PER_LINE = 20
"""Letters over one line: mail servers cut those that send more."""
log = logging.getLogger("lumina_learn")

outgoing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outgoing links")
"""Apart from other mail: whoever forgot a password does not wait behind twelve thousand links."""


@dataclass(frozen=True)
class Letter:
    """An activation and its link, which is kept nowhere else: what a crash takes stays "on its way", to be resent."""

    activation: Activation
    link: str


def send_later(*, letters: Sequence[Letter], language: str | None) -> None:
    """Send letters after the answer is given; whoever chose no language is written to in this one."""
    outgoing.submit(_send, letters, language).add_done_callback(mail.log_failure)


def _send(letters: Sequence[Letter], language: str | None) -> None:
    """Send letters, some over each line to the mail server; once no line opens, the rest has failed."""
    waiting = deque(letters)
    try:
        while waiting:
            with get_connection() as line, override(language):
                for _letter in range(min(PER_LINE, len(waiting))):
                    _send_one(waiting[0], line)
                    waiting.popleft()
    except OSError as error:
        log.error("%s activation links could not be sent: %s", len(waiting), type(error).__name__)
        _note([letter.activation.pk for letter in waiting], failed_at=clock.now())
    finally:
        connection.close()


def _send_one(letter: Letter, line: BaseEmailBackend) -> None:
    """Send a letter and write down what became of it; one that was taken back meanwhile is not sent."""
    activation = letter.activation
    if not Activation.objects.filter(pk=activation.pk, used_at=None, revoked_at=None).exists():
        return
    try:
        message = _message(letter)
        message.connection = line
        message.send()
    except (OSError, ValueError) as error:  # ValueError: an imported address that no mail can carry.
        log.error("The mail for activation %s could not be sent: %s", activation.pk, type(error).__name__)
        _note([activation.pk], failed_at=clock.now())
        line.close()  # It may be cut; the next letter opens one of its own.
    else:
        _note([activation.pk], sent_at=clock.now())


def _message(letter: Letter) -> EmailMultiAlternatives:
    person = letter.activation.user
    with mail.language_of(person), timezone.override(person.organisation.zone):
        return mail.compose(
            template="activation",
            subject=_("Your LuminaLearn account at %(organisation)s") % {"organisation": person.organisation},
            recipient=person.email,
            context={"activation": letter.activation, "person": person, "link": letter.link},
        )


def _note(activations: Sequence[int], **moment: datetime) -> None:
    for start in range(0, len(activations), BATCH):
        Activation.objects.filter(pk__in=activations[start : start + BATCH]).update(**moment)
