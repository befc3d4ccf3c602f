"""Every setting of the product, read from the environment; `.env.template` lists and explains the variables."""

import contextlib
import os
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels
from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

from attendance.stellar.networks import NETWORKS
from attendance_system.code_version import code_version
from attendance_system.env import Environment
from attendance_system.redis_location import SCHEMES, redis_cache

django_stubs_ext.monkeypatch()  # Lets `ModelAdmin[User]` and its like be written at run time.

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / ".env")
env = Environment(os.environ)

# --- Which kind of installation ---------------------------------------------------------------------------------

PRODUCTION = env.choice("LUMINA_ENVIRONMENT", "development", ("development", "production")) == "production"
DEBUG = env.boolean("DEBUG", default=False)
if DEBUG and PRODUCTION:
    raise ImproperlyConfigured("DEBUG is on in production; it shows settings to visitors. Remove it.")


def _secret_key() -> str:
    """Return SECRET_KEY; in development a missing one is generated once and kept in a file."""
    key = env.secret("SECRET_KEY")
    if key:
        if len(key) < 50:
            raise ImproperlyConfigured("SECRET_KEY is shorter than 50 characters; generate a longer one.")
        return key
    if PRODUCTION:
        raise ImproperlyConfigured("SECRET_KEY is missing; production needs one of at least 50 random characters.")
    return _generated_key(BASE_DIR / ".secret_key")


def _generated_key(key_file: Path) -> str:
    """Return the key in that file, written first when missing; of processes that start at once, one writes it."""
    if not key_file.exists():
        draft = key_file.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64), encoding="ascii")
        with contextlib.suppress(FileExistsError):
            os.link(draft, key_file)
        draft.unlink()
    return key_file.read_text(encoding="ascii")


SECRET_KEY = _secret_key()

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is missing; list the host names of this installation, with commas.")
# Without production settings only this machine is answered, so a forgotten variable cannot open a site to the world.
if not PRODUCTION:
    if ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS is for production; set LUMINA_ENVIRONMENT=production with it.")
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0, minimum=0, maximum=5)

# --- Application ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "attendance.caching.apps.CachingConfig",
    "attendance.apps.AttendanceConfig",
    "attendance.apps.OperatorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
]
MIDDLEWARE = [
    "attendance.middleware.bypass_after_unconfirmed_write",
    # Before all others: a page that is kept has their headers, and needs neither a session nor a query.
    "attendance.caching.page_middleware.PageCacheMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # A register of 400 is 700 kB of HTML and 26 kB compressed. Form tokens are masked anew in each answer, and Django
    # pads compressed ones by a random length, so that their size gives no secret away.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "attendance.middleware.SignedInPersonMiddleware",
    "attendance.middleware.reader_language",
    "attendance.middleware.reader_time_zone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "attendance_system.urls"
WSGI_APPLICATION = "attendance_system.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "attendance.views.shell.shell",
            ],
        },
    },
]
FORM_RENDERER = "attendance.views.forms.LookRenderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Data -------------------------------------------------------------------------------------------------------


def _database() -> dict[str, Any]:
    """Return the one database: SQLite beside the code unless DATABASE_URL names another."""
    url = env.url("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}", ("sqlite", "postgresql", "postgres"))
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}.") from error
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # IMMEDIATE takes the write lock at BEGIN: a deferred transaction that turns into a writer fails at once
        # instead of waiting, and loses its work. Triggers of one row may fire those of another. What is erased is
        # overwritten in the file as well.
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;"
            " PRAGMA secure_delete=ON;",
        }
    # A thread keeps its connection. Opening one costs SQLite more than most pages do, and closing the last one a sync.
    return {**database, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}


DATABASES = {"default": _database()}


def _redis_url() -> str:
    """Return where Redis is, or an empty string; REDIS_URL wins over REDIS_HOST, REDIS_PORT and REDIS_DB."""
    url = env.url("REDIS_URL", "", SCHEMES)
    host = env.text("REDIS_HOST")
    if url or not host:
        return url
    port = env.integer("REDIS_PORT", 6379, minimum=1, maximum=65535)
    database = env.integer("REDIS_DB", 1, minimum=0, maximum=15)
    return f"redis://{host}:{port}/{database}"


REDIS_URL = _redis_url()
_LOCAL_MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "fallback"}
CACHES: dict[str, dict[str, Any]] = {"default": _LOCAL_MEMORY, "fallback": _LOCAL_MEMORY}
if REDIS_URL:
    CACHES["default"] = redis_cache(REDIS_URL)
CODE_VERSION = code_version(BASE_DIR)
CACHE_ENABLED = env.boolean("CACHE_ENABLED", default=True)
CACHE_BACKGROUND = env.boolean("CACHE_BACKGROUND", default=True)
CACHE_MEMORY_ITEMS = env.integer("CACHE_MEMORY_ITEMS", 100, minimum=20, maximum=100000)
CACHE_TIMEOUT_COURSE_LIST = env.integer("CACHE_TIMEOUT_COURSE_LIST", 600, minimum=1, maximum=86400)
CACHE_TIMEOUT_STUDENT_LIST = env.integer("CACHE_TIMEOUT_STUDENT_LIST", 300, minimum=1, maximum=86400)
CACHE_TIMEOUT_LECTURE_DETAIL = env.integer("CACHE_TIMEOUT_LECTURE_DETAIL", 1200, minimum=1, maximum=86400)
CACHE_TIMEOUT_BLOCKCHAIN_STATUS = env.integer("CACHE_TIMEOUT_BLOCKCHAIN_STATUS", 180, minimum=1, maximum=86400)

# --- Ledger -----------------------------------------------------------------------------------------------------

LEDGER_KEY_FILE = env.text("LEDGER_KEY_FILE", "" if PRODUCTION else str(BASE_DIR / ".ledger_key"))
if not LEDGER_KEY_FILE:
    raise ImproperlyConfigured("LEDGER_KEY_FILE is missing; production needs the file of the key that signs blocks.")
LEDGER_BACKGROUND = env.boolean("LEDGER_BACKGROUND", default=True)
LEDGER_ANCHOR_MINUTES = env.integer("LEDGER_ANCHOR_MINUTES", 60, minimum=1, maximum=10080)
STELLAR_NETWORK = env.choice("STELLAR_NETWORK", "off", ("off", *NETWORKS)).removesuffix("off")
STELLAR_SECRET_KEY_FILE = env.text("STELLAR_SECRET_KEY_FILE")
STELLAR_HORIZON_URL = env.encrypted_url("STELLAR_HORIZON_URL", plain_here=not PRODUCTION).rstrip("/")
if STELLAR_NETWORK:
    STELLAR_HORIZON_URL = STELLAR_HORIZON_URL or NETWORKS[STELLAR_NETWORK].horizon
    env.together(STELLAR_NETWORK=STELLAR_NETWORK, STELLAR_SECRET_KEY_FILE=STELLAR_SECRET_KEY_FILE)
    if not Path(STELLAR_SECRET_KEY_FILE).is_file():
        raise ImproperlyConfigured(
            f"STELLAR_SECRET_KEY_FILE is {STELLAR_SECRET_KEY_FILE!r}; name the file of the account's secret key."
        )
    if find_spec("stellar_sdk") is None:
        raise ImproperlyConfigured(
            "STELLAR_NETWORK is set and needs stellar-sdk; install it with pip install -r requirements-anchor.txt."
        )

# --- Sign-in ----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "attendance.User"
AUTHENTICATION_BACKENDS = ["attendance.sign_in.backend.IdentifierBackend"]
PASSWORD_HASHERS = ["attendance.sign_in.hashing.BoundedArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "email", "number", "given_name", "family_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
PASSWORD_RESET_TIMEOUT = 3600
CSRF_FAILURE_VIEW = "attendance.views.errors.form_expired"
SESSION_ENGINE = "attendance.sign_in.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
MESSAGE_TAGS = {
    message_levels.INFO: "info",
    message_levels.SUCCESS: "good",
    message_levels.WARNING: "warn",
    message_levels.ERROR: "bad",
}

OIDC_ISSUER = env.encrypted_url("OIDC_ISSUER", plain_here=not PRODUCTION)
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.secret("OIDC_CLIENT_SECRET")
OIDC_ORGANISATION = env.text("OIDC_ORGANISATION")
OIDC_NUMBER_CLAIM = env.text("OIDC_NUMBER_CLAIM")
OIDC_SCOPE = env.text("OIDC_SCOPE", "openid profile")
OIDC_BUTTON_LABEL = env.text("OIDC_BUTTON_LABEL")
env.together(
    OIDC_ISSUER=OIDC_ISSUER,
    OIDC_CLIENT_ID=OIDC_CLIENT_ID,
    OIDC_CLIENT_SECRET=OIDC_CLIENT_SECRET,
    OIDC_ORGANISATION=OIDC_ORGANISATION,
    OIDC_NUMBER_CLAIM=OIDC_NUMBER_CLAIM,
)

# --- Transport and headers --------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Strict transport for sibling hosts and for the browsers' preload list is a decision about the institution's whole
# domain, which is not ours to take.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# --- Language, time, files, mail --------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ar", "العربية")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SECURE = PRODUCTION
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# In development files are served from where they are edited; production serves what `collectstatic` gathered.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.integer("EMAIL_PORT", 587, minimum=1, maximum=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "LuminaLearn <attendance@localhost>")

# --- Logs -------------------------------------------------------------------------------------------------------


def _log_dir() -> Path:
    """Return the folder of log files, made when it is missing."""
    folder = Path(env.text("LOG_DIR", str(BASE_DIR / "logs")))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"LOG_DIR is {str(folder)!r}: {error.strerror}; name another folder.") from error
    if not os.access(folder, os.W_OK):
        raise ImproperlyConfigured(f"LOG_DIR is {str(folder)!r}; name a folder that may be written to.")
    return folder


LOG_DIR = _log_dir()
METRICS_TOKEN = env.secret("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("METRICS_TOKEN is shorter than 20 characters; generate a longer one.")
CACHE_LOG_HITS = env.boolean("CACHE_LOG_HITS", default=not PRODUCTION)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s [%(levelname)s] %(name)s: %(message)s", "datefmt": "%Y-%m-%d %H:%M:%S"},
    },
    "filters": {"hide_tokens": {"()": "attendance.sign_in.hidden_tokens.HideTokens"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["hide_tokens"]},
        "console_warnings": {"class": "logging.StreamHandler", "formatter": "line", "level": "WARNING"},
        "cache_file": {
            "class": "attendance.caching.journal.QueuedFile",
            "formatter": "line",
            "filename": LOG_DIR / "cache.log",
            "most_bytes": 10 * 1024 * 1024,
            "kept_files": 5,
        },
    },
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "lumina_learn": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # A line per hit is for the file; that Redis is away is for whoever watches the server, too.
        "lumina_learn.cache": {"handlers": ["cache_file", "console_warnings"], "level": "INFO", "propagate": False},
    },
}
