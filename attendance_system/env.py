"""Strict readers of environment variables: a value is understood completely or the start stops with one sentence."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


class Environment:
    """Typed access to a mapping of variables, usually `os.environ` after `.env` was loaded.

    Every reader takes a name and a default, and raises `ImproperlyConfigured` with a sentence that names the variable,
    the value found and a value that would do. An empty variable counts as unset.

    A comment behind a value is cut off (`600        # 10 minutes`): python-dotenv does so by itself, but
    `docker --env-file` and `heroku config:set` hand the whole line over.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        """Return the value without surrounding space or trailing comment."""
        raw = self._values.get(name, "")
        return re.sub(r"(^|\s+)#.*$", "", raw).strip() or default

    def secret(self, name: str) -> str:
        """Return the value as it stands: a password may hold ` #` itself."""
        return self._values.get(name, "").strip()

    def integer(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        """Return a whole number within the two bounds, both included."""
        raw = self.text(name, str(default))
        if not re.fullmatch(r"[+-]?[0-9]+", raw) or not minimum <= int(raw) <= maximum:
            raise ImproperlyConfigured(
                f"{name} is {raw!r}; write a whole number from {minimum} to {maximum}, such as {default}."
            )
        return int(raw)

    def boolean(self, name: str, default: bool) -> bool:
        """Return a truth value written as true/false, yes/no, on/off or 1/0."""
        raw = self.text(name, "true" if default else "false")
        if raw.lower() not in _TRUE | _FALSE:
            raise ImproperlyConfigured(f"{name} is {raw!r}; write true or false.")
        return raw.lower() in _TRUE

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Return one of the given words."""
        raw = self.text(name, default)
        if raw not in choices:
            raise ImproperlyConfigured(f"{name} is {raw!r}; write one of {', '.join(choices)}.")
        return raw

    def words(self, name: str) -> list[str]:
        """Return a list written with commas between its members."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        """Return an address whose scheme is one of the given ones; its password may hold `#` only as `%23`."""
        raw = self.text(name, default)
        if raw and urlsplit(raw).scheme not in schemes:
            examples = " or ".join(f"{scheme}://" for scheme in schemes)
            raise ImproperlyConfigured(f"{name} does not start with {examples}.")
        return raw

    def encrypted_url(self, name: str, *, plain_here: bool) -> str:
        """Return an https address; http only to this machine, and only with `plain_here`."""
        raw = self.url(name, "", ("https", "http"))
        parts = urlsplit(raw)
        if parts.scheme == "http" and not (plain_here and parts.hostname in {"localhost", "127.0.0.1", "::1"}):
            raise ImproperlyConfigured(f"{name} starts with http://; write an address that starts with https://.")
        return raw

    @staticmethod
    def together(**values: str) -> None:
        """Insist that of these variables, given with what was read of them, all are set or none."""
        present = [name for name, value in values.items() if value]
        missing = [name for name, value in values.items() if not value]
        if present and missing:
            raise ImproperlyConfigured(f"{missing[0]} is missing; {present[0]} is set and needs it.")
