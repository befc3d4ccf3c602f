"""Mail to people: each has a text and an HTML part, and the site's own links in it."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language, override

from attendance.models import User

log = logging.getLogger("lumina_learn")

outgoing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outgoing mail")
"""Sends, one after the other, what nobody waits for; the process ends only when it is done."""


def compose(*, template: str, subject: str, recipient: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    """Return a message rendered from `mail/<template>.txt` and `mail/<template>.html` in the present language.

    Whoever writes to somebody with an account does so inside `language_of` that person.
    """
    text = render_to_string(f"mail/{template}.txt", context)
    message = EmailMultiAlternatives(subject=subject, body=text, to=[recipient])
    message.attach_alternative(render_to_string(f"mail/{template}.html", {**context, "subject": subject}), "text/html")
    return message


def language_of(person: User) -> override:
    """Return a context in which texts are in the person's language, in the present one where none was chosen."""
    return override(person.language or get_language())


def send_later(message: EmailMultiAlternatives) -> None:
    """Send a message after the answer is given, so that how long the answer took does not tell whether there is one."""
    outgoing.submit(message.send).add_done_callback(log_failure)


def log_failure(sending: Future[Any]) -> None:
    """Log why something that was sent in the background failed."""
    error = sending.exception()
    if error is not None:
        log.error("A mail could not be sent: %s: %s", type(error).__name__, error)
