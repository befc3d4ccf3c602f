"""From REDIS_URL to the cache that django-redis makes of it: a single server, an encrypted line, or Sentinels."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

SCHEMES = ("redis", "rediss", "redis+sentinel")
TIMEOUT_SECONDS = 0.25
"""A request must not wait for a frozen server; redis-py waits for ever and retries ten times unless told."""


def redis_cache(url: str) -> dict[str, Any]:
    """Return the entry of CACHES for a Redis.

    Args:
        url: `redis://[user:password@]host:port/database`, `rediss://…` for TLS (with `?ssl_ca_certs=/path/ca.pem` when
            the server's certificate is not signed by an authority that the system knows), or
            `redis+sentinel://[user:password@]host:port[,host:port…]/service/database`, where the hosts are Sentinels
            and user and password are those of the servers they watch.

    Raises:
        ImproperlyConfigured: Sentinels without ports or without the name of the service; a file of authorities that
            is not there.
    """
    _check_authorities(url)
    options: dict[str, Any] = {
        "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
        "CONNECTION_POOL_KWARGS": {
            "retry": None,
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "health_check_interval": 30,
            # Each thread uses one connection at a time, so this bounds nothing but a leak; a pool that runs out would
            # look like a Redis that is gone.
            "max_connections": 1000,
        },
    }
    location = url
    if urlsplit(url).scheme == "redis+sentinel":
        location, sentinels = _watched_service(url)
        options |= {
            "CLIENT_CLASS": "django_redis.client.SentinelClient",
            "CONNECTION_FACTORY": "django_redis.pool.SentinelConnectionFactory",
            "SENTINELS": sentinels,
            "SENTINEL_KWARGS": {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS},
        }
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": location,
        "KEY_PREFIX": "lumina",
        "OPTIONS": options,
    }


def _check_authorities(url: str) -> None:
    for file in parse_qs(urlsplit(url).query).get("ssl_ca_certs", []):
        if not Path(file).is_file():
            raise ImproperlyConfigured(f"REDIS_URL names {file!r} as ssl_ca_certs; there is no such file.")


def _watched_service(url: str) -> tuple[str, list[tuple[str, int]]]:
    """Return the address of the service as django-redis wants it, and where its Sentinels are."""
    parts = urlsplit(url)
    login, _at, hosts = parts.netloc.rpartition("@")
    service, _slash, database = parts.path.strip("/").partition("/")
    pairs = [host.rpartition(":") for host in hosts.split(",")]
    if not service or not all(name and port.isdigit() for name, _colon, port in pairs):
        raise ImproperlyConfigured("REDIS_URL for Sentinels is redis+sentinel://host:port,host:port/service/database.")
    credentials = f"{login}@" if login else ""
    return f"redis://{credentials}{service}/{database or 0}", [(name, int(port)) for name, _colon, port in pairs]
