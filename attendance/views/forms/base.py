"""The form every form of the product extends: its widgets carry the classes of the look."""

from typing import Any

from django import forms

_PLAIN = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.HiddenInput)


class LookForm(forms.Form):
    """A form whose text fields and selects look like the product's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, _PLAIN):
                field.widget.attrs.setdefault("class", "input")

    def sentence_at(self, name: str) -> str:
        """Return what is wrong with one field, for a page that shows the form no more."""
        return " ".join(str(error) for error in self.errors[name])


def day_field(label: Any) -> forms.DateField:
    """Return a field for a day, which browsers show as a calendar."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
