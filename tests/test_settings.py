"""What an installation is like under the variables it was given."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from attendance_system.redis_location import redis_cache
from tests.servers.product import bare_environment, run_python, settings_under

PRODUCTION = {
    "LUMINA_ENVIRONMENT": "production",
    "ALLOWED_HOSTS": "attendance.example.org, lumina.example.org",
}


def test_a_development_installation_answers_only_this_machine() -> None:
    settings = settings_under()

    assert settings["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert settings["DEBUG"] is False


def test_a_production_installation_insists_on_encryption() -> None:
    settings = settings_under(**PRODUCTION)

    assert settings["ALLOWED_HOSTS"] == ["attendance.example.org", "lumina.example.org"]
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] == 31_536_000


def test_only_a_trusted_proxy_may_say_that_the_line_was_encrypted() -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in settings_under(**PRODUCTION)

    behind_one = settings_under(**PRODUCTION, TRUSTED_PROXY_COUNT="1")
    assert behind_one["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_no_page_may_run_inline_scripts_or_load_from_elsewhere() -> None:
    policy = settings_under()["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]

    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == ["'self'"]


def test_sqlite_lies_beside_the_code_unless_told_otherwise() -> None:
    database = settings_under(DATABASE_URL="")["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"].endswith("/db.sqlite3")


def test_postgresql_is_found_by_its_address() -> None:
    url = "postgresql://lumina:a%23b@db.example:5433/attendance"
    database = settings_under(DATABASE_URL=url)["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", 5433, "attendance")
    assert (database["USER"], database["PASSWORD"]) == ("lumina", "a#b")


@pytest.mark.parametrize("url", ["", "postgresql://db.example/attendance"])
def test_connections_are_kept_and_checked(url: str) -> None:
    database = settings_under(DATABASE_URL=url)["DATABASES"]["default"]

    assert database["CONN_MAX_AGE"] == 600
    assert database["CONN_HEALTH_CHECKS"] is True


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, ""),
        ({"REDIS_PORT": "6380"}, ""),
        ({"REDIS_HOST": "cache.example"}, "redis://cache.example:6379/1"),
        ({"REDIS_HOST": "cache.example", "REDIS_PORT": "6380", "REDIS_DB": "2"}, "redis://cache.example:6380/2"),
        ({"REDIS_HOST": "cache.example", "REDIS_URL": "rediss://other.example/0"}, "rediss://other.example/0"),
    ],
)
def test_redis_is_named_by_one_address_or_in_parts(variables: dict[str, str], url: str) -> None:
    assert settings_under(**variables)["REDIS_URL"] == url


def test_without_redis_each_process_caches_in_its_own_memory() -> None:
    backend = settings_under(REDIS_URL="")["CACHES"]["default"]["BACKEND"]

    assert backend == "django.core.cache.backends.locmem.LocMemCache"


def test_mail_is_printed_until_a_server_is_named() -> None:
    assert settings_under()["EMAIL_BACKEND"].endswith("console.EmailBackend")
    assert settings_under(EMAIL_HOST="smtp.example.org")["EMAIL_BACKEND"].endswith("smtp.EmailBackend")


def test_a_provider_on_this_machine_will_do_for_development() -> None:
    complete = {f"OIDC_{name}": "x" for name in ("CLIENT_ID", "CLIENT_SECRET", "ORGANISATION", "NUMBER_CLAIM")}
    settings = settings_under(OIDC_ISSUER="http://localhost:9000/campus", **complete)

    assert settings["OIDC_ISSUER"] == "http://localhost:9000/campus"
    assert settings_under()["OIDC_ISSUER"] == ""


@pytest.mark.parametrize(
    ("variables", "bind"),
    [
        ({}, "127.0.0.1:8000"),
        ({"PORT": "8080"}, "127.0.0.1:8080"),
        (PRODUCTION, "127.0.0.1:8000"),
        (PRODUCTION | {"PORT": "8080"}, "0.0.0.0:8080"),
    ],
)
def test_only_a_port_given_in_production_is_open_to_other_machines(variables: dict[str, str], bind: str) -> None:
    command = ("-m", "gunicorn", "--print-config", "attendance_system.wsgi")
    answer = run_python(*command, environment=bare_environment(**variables))

    line = next(line for line in answer.stdout.splitlines() if line.startswith("bind "))
    assert line.split("=")[1].strip() == f"['{bind}']"


def test_sentinels_are_read_from_the_redis_url() -> None:
    cache = redis_cache("redis+sentinel://app:s3cret@one:26379,two:26380/campus/2")
    assert cache["LOCATION"] == "redis://app:s3cret@campus/2"
    assert cache["OPTIONS"]["SENTINELS"] == [("one", 26379), ("two", 26380)]


@pytest.mark.parametrize(
    "url", ["redis+sentinel://one:26379", "redis+sentinel://one/campus", "redis+sentinel://:26379/campus"]
)
def test_sentinels_without_ports_or_service_are_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="redis\\+sentinel://host:port"):
        redis_cache(url)
