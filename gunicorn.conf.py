"""How gunicorn serves the product; it reads this file by itself when started in the project's folder."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

from attendance_system.env import Environment

load_dotenv(Path(__file__).resolve().parent / ".env")
env = Environment(os.environ)

try:
    _production = env.choice("LUMINA_ENVIRONMENT", "development", ("development", "production")) == "production"
    # A platform that gives a port (Heroku and its like) routes to it from outside. Anything else serves this machine
    # only: visitors come through a proxy on it, and a development site is nobody else's business.
    _host = "0.0.0.0" if _production and env.text("PORT") else "127.0.0.1"  # noqa: S104
    bind = f"{_host}:{env.integer('PORT', 8000, minimum=1, maximum=65535)}"
    workers = env.integer("WEB_CONCURRENCY", 2, minimum=1, maximum=64)
except ImproperlyConfigured as error:
    sys.exit(f"Configuration: {error}")

threads = 4
# Loaded once before the workers start, so a bad setting ends the start with its sentence instead of a loop of restarts.
preload_app = True
accesslog = None
# Its control socket would lie in the home folder, which a service may not have.
control_socket_disable = True
