"""What a scan keeps of the network it came from: a hint whether that is the campus, and a hash for thirty days."""

import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from django.db import transaction
from django.utils.crypto import salted_hmac

from attendance import clock
from attendance.models import CheckInAttempt, Organisation

HASHES_KEPT = timedelta(days=30)
_SALT = "attendance.check_in.address"
_AT_ONCE = 5000
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_on_campus(organisation: Organisation, address: str) -> bool | None:
    """Say whether an address lies in a network of the campus; None when no networks are set or there is no address."""
    if not address or not organisation.campus_networks:
        return None
    ip = ipaddress.ip_address(address)
    # A server that listens for both kinds writes an IPv4 address as one of IPv6.
    plain = getattr(ip, "ipv4_mapped", None) or ip
    return any(plain in network for network in _networks(tuple(organisation.campus_networks)))


@lru_cache(maxsize=100)
def _networks(written: Iterable[str]) -> tuple[_Network, ...]:
    return tuple(map(ipaddress.ip_network, written))


def address_hash(organisation: Organisation, address: str) -> str:
    """Return what tells an organisation's scans of one address from others, and does not tell the address.

    The key is derived from `SECRET_KEY`: without it nobody can find the address by trying all of them.
    """
    if not address:
        return ""
    return salted_hmac(_SALT, f"{organisation.pk} {address}", algorithm="sha256").hexdigest()


def delete_old_address_hashes() -> int:
    """Delete the hashes of addresses that are thirty days old, some thousands at a time; return how many there were.

    Rows that somebody else is deleting them from just now are left to that one.
    """
    month_ago = clock.now() - HASHES_KEPT
    old = CheckInAttempt.objects.filter(received_at__lte=month_ago).exclude(address_hash="").order_by()
    with transaction.atomic():
        rows = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:_AT_ONCE])
        return CheckInAttempt.objects.filter(pk__in=rows).update(address_hash="") if rows else 0
