"""The form for a receipt that is to be checked."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from attendance.views.forms.base import LookForm

MOST_BYTES = 500_000


class ReceiptForm(LookForm):
    """A receipt as a file or as text."""

    file = forms.FileField(label=_("Receipt file"), required=False)
    pasted = forms.CharField(
        label=_("Or its text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "dir": "ltr"}),
    )

    def clean(self) -> dict[str, Any]:
        """Put the receipt's text into `text`, whichever way it came; what is wrong is said at the file."""
        file = self.cleaned_data.get("file")
        data = file.read(MOST_BYTES + 1) if file else _as_in_a_file(self.cleaned_data.get("pasted", "")).encode()
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            self.add_error("file", _now("That is no text, and no receipt. Choose another file."))
            return self.cleaned_data
        if not text:
            self.add_error("file", _now("Choose the file of a receipt, or paste its text."))
        if len(data) > MOST_BYTES:
            self.add_error("file", _now("That is more than 500 kB, and no receipt. Choose another file."))
        return {**self.cleaned_data, "text": text}


def _as_in_a_file(pasted: str) -> str:
    """Return text as it was before somebody pasted it: browsers end lines with CR LF, and people lose the last end."""
    text = pasted.strip()
    return text.replace("\r\n", "\n") + "\n" if text else ""
