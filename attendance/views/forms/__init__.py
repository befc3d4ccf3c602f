"""What people type in, checked: one module per area."""

from django.forms.renderers import TemplatesSetting


class LookRenderer(TemplatesSetting):
    """Renders forms and their fields with the templates of the product's look."""

    form_template_name = "parts/_form.html"
    field_template_name = "parts/_field.html"
