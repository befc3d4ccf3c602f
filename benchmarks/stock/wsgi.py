"""The stock project as gunicorn serves it."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.stock.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
