"""Where a request comes from, as far as it can be known."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the network address of the client as text.

    With `TRUSTED_PROXY_COUNT` = n > 0 the n-th entry from the end of X-Forwarded-For is taken: that is what the
    outermost of our own proxies saw, while everything before it was written by the client. A request with fewer
    entries, or with something that is no address there, did not come through these proxies: its peer counts.
    """
    peer: str = request.META["REMOTE_ADDR"] or "127.0.0.1"
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    if not 0 < settings.TRUSTED_PROXY_COUNT <= len(hops):
        return peer
    try:
        return str(ipaddress.ip_address(hops[-settings.TRUSTED_PROXY_COUNT]))
    except ValueError:
        return peer
