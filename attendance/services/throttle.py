"""Counting what fails, so that guessing is slow while a campus behind one address is never locked out.

An attempt is counted before it is looked at and forgiven afterwards when it was right. Counting afterwards would let
as many guesses through as arrive at the same time.
"""

import ipaddress
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, Sum

from attendance import clock
from attendance.models import Throttle, User
from attendance.sign_in.backend import find_account

Purpose = Throttle.Purpose


@dataclass(frozen=True)
class Limit:
    """How many attempts of one account from one address may fail within the window, which starts with the first."""

    failures: int
    window: timedelta


LIMITS = {
    Purpose.LOGIN: Limit(5, timedelta(minutes=15)),
    Purpose.PASSWORD_RESET: Limit(5, timedelta(hours=1)),
    Purpose.ENROLMENT_CODE: Limit(10, timedelta(hours=1)),
    Purpose.ACTIVATION_CODE: Limit(5, timedelta(minutes=15)),
    Purpose.CHECK_IN_CODE: Limit(5, timedelta(hours=2)),  # The longest check-in.
}
CROWD = 50
"""From more failures than this in one window, attempts of an address take turns."""

_KEY = ["purpose", "account", "address"]
_LONGEST_NAME = 200
_ANYWHERE = "0.0.0.0"  # noqa: S104 -- an address that nobody has, not one to listen on
_TURN = threading.Lock()


@dataclass(frozen=True)
class Subject:
    """What failures are counted for: an account, or a name that means none, and the network that asks."""

    account: str
    address: str


@dataclass(frozen=True)
class Attempt:
    """Whether an attempt may be looked at, how many may follow if it fails, and when counting starts afresh."""

    admitted: bool
    left: int
    opens_at: datetime


def subject_named(identifier: str, address: str) -> Subject:
    """Return the subject that a typed name and a client address mean.

    All the names of one account share its counter. A name that means no account has one as well, so that the answers
    to both are the same.
    """
    account = find_account(identifier)
    if account is not None:
        return subject_of(account, address)
    return Subject(_name(identifier), _network(address))


def _name(identifier: str) -> str:
    """Return what a typed name that means no account is counted under."""
    return f"name:{identifier.strip().lower()[:_LONGEST_NAME]}"


def subject_of(account: User, address: str) -> Subject:
    """Return the subject of an account that is known, at a client address."""
    return Subject(f"id:{account.pk}", _network(address))


def subject_in(account: User, place: str) -> Subject:
    """Return the subject of an account that is known, in one place of the product and whatever network it asks from."""
    return Subject(f"id:{account.pk} {place}", _ANYWHERE)


def _network(address: str) -> str:
    """Return what one customer of a network provider holds: an IPv4 address, or the first 64 bits of an IPv6 one."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(ip) >> 64 << 64))


def begin_attempt(*, purpose: Throttle.Purpose, subject: Subject) -> Attempt:
    """Count an attempt as failed, unless the limit is reached, and return what is to become of it.

    The limit is part of the one statement that counts: of any number of simultaneous attempts exactly as many are
    admitted as the limit has left.
    """
    limit, moment = LIMITS[purpose], clock.now()
    counters = Throttle.objects.filter(purpose=purpose, address=subject.address)
    own = counters.filter(account=subject.account)
    fresh = Throttle(purpose=purpose, account=subject.account, address=subject.address, since=moment)
    with transaction.atomic():
        # What is over goes when its address is heard of again, so the table holds little more than open windows.
        counters.filter(since__lte=moment - limit.window).delete()
        # A row that is there already is updated to what it is: that holds it until commit.
        Throttle.objects.bulk_create([fresh], update_conflicts=True, unique_fields=_KEY, update_fields=["account"])
        admitted = own.filter(failures__lt=limit.failures).update(failures=F("failures") + 1) == 1
        counter = own.get()
    return Attempt(admitted, limit.failures - counter.failures, counter.since + limit.window)


def forgive(*, purpose: Throttle.Purpose, subject: Subject) -> None:
    """Take back the one attempt that turned out to be no failure."""
    counters = Throttle.objects.filter(purpose=purpose, account=subject.account, address=subject.address)
    counters.filter(failures__gt=0).update(failures=F("failures") - 1)


def forget(*, purpose: Throttle.Purpose, subject: Subject) -> None:
    """Forget the failures of a subject: the right password was given."""
    Throttle.objects.filter(purpose=purpose, account=subject.account, address=subject.address).delete()


def forget_everywhere(*, purpose: Throttle.Purpose, account: User) -> None:
    """Forget the failures of an account from all addresses: its owner has a new password."""
    Throttle.objects.filter(purpose=purpose, account=f"id:{account.pk}").delete()


def forget_person(*, account: int, names: Iterable[str]) -> None:
    """Forget everything that failed for an account, given by its id, or under these names before they meant one."""
    own = Q(account=f"id:{account}") | Q(account__startswith=f"id:{account} ")
    Throttle.objects.filter(own | Q(account__in=[_name(each) for each in names])).delete()


def failures_from(*, purpose: Throttle.Purpose, address: str) -> int:
    """Return how many attempts from an address failed in the present window, whatever account they meant."""
    since = clock.now() - LIMITS[purpose].window
    counters = Throttle.objects.filter(purpose=purpose, address=_network(address), since__gt=since)
    total: int | None = counters.aggregate(total=Sum("failures"))["total"]
    return total or 0


@contextmanager
def turn(*, purpose: Throttle.Purpose, address: str) -> Iterator[None]:
    """Run the block at once, or after those who wait before it when the address has too many failures.

    A lock and not a pause: a whole campus may sit behind one address, and whoever types the right password there
    should wait no longer than the checks before it take. Somebody who guesses gets one core of each process at most
    in return, and everybody at other addresses keeps the rest.
    """
    if failures_from(purpose=purpose, address=address) <= CROWD:
        yield
        return
    with _TURN:
        yield


def delete_old() -> int:
    """Delete the counters whose window is over, and return how many there were."""
    moment, deleted = clock.now(), 0
    for purpose, limit in LIMITS.items():
        number, _by_model = Throttle.objects.filter(purpose=purpose, since__lte=moment - limit.window).delete()
        deleted += number
    return deleted
