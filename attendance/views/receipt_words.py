"""What the verifier of receipts refuses, in the reader's language; the program itself speaks English alone."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from attendance.ledger.verify_receipt import Unproved

PARTS = (
    gettext_noop("event of the receipt"),
    gettext_noop("index"),
    gettext_noop("path of the receipt"),
    gettext_noop("key"),
    gettext_noop("salt of the event"),
    gettext_noop("size of the log"),
    gettext_noop("root of the log"),
    gettext_noop("signature of the checkpoint"),
    gettext_noop("size"),
    gettext_noop("consistency proof"),
)
"""What the verifier calls the parts of a receipt and of what belongs to it."""


def refusal_of(problem: Unproved) -> str:
    """Return the sentence of a refusal."""
    values = {name: _(str(value)) if name == "what" else value for name, value in problem.values.items()}
    return _(problem.template) % values
