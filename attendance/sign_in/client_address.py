"""Where a request comes from, as far as it can be known."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

# A server that listens on a Unix socket sees no peer; whoever connects there runs on this machine.
_THIS_MACHINE = "127.0.0.1"


def client_address(request: HttpRequest) -> str:
    """Return the network address of the client as text, in its shortest form and without an IPv6 zone.

    With `TRUSTED_PROXY_COUNT` = n > 0 the n-th entry from the end of X-Forwarded-For is taken: that is what the
    outermost of our own proxies saw, while everything before it was written by the client. A request with fewer
    entries, or with something that is no address there, did not come through these proxies: its peer counts.
    """
    peer = _address(request.META.get("REMOTE_ADDR", "")) or _THIS_MACHINE
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    if not 0 < settings.TRUSTED_PROXY_COUNT <= len(hops):
        return peer
    return _address(hops[-settings.TRUSTED_PROXY_COUNT]) or peer


def _address(text: str) -> str | None:
    """Return the address that a text spells, or None when it spells none."""
    try:
        return str(ipaddress.ip_address(text.strip().partition("%")[0]))
    except ValueError:
        return None
