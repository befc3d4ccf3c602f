"""An organisation with rooms, and an accessor that lists them: the smallest real thing to cache."""

import uuid
from datetime import timedelta

from attendance import cache_tags
from attendance.caching.accessors import cached
from attendance.models import Organisation, Room


def organisation() -> Organisation:
    """Store and return an organisation of its own."""
    name = f"bench-{uuid.uuid4().hex[:12]}"
    return Organisation.objects.create(slug=name, name=name)


def unsaved_rooms(owner: Organisation, number: int) -> list[Room]:
    """Return that many rooms of an organisation, not stored yet."""
    return [Room(organisation=owner, name=f"Room {place:05}", capacity=30) for place in range(number)]


def organisation_with_rooms(number: int) -> Organisation:
    """Store an organisation and its rooms."""
    owner = organisation()
    Room.objects.bulk_create(unsaved_rooms(owner, number))
    return owner


@cached(
    "benchmark_rooms",
    timeout=timedelta(minutes=10),
    tags=lambda *, organisation: [cache_tags.rooms_of(organisation)],
)
def rooms(*, organisation: str) -> list[dict[str, object]]:
    """Return id, name and seats of the rooms of an organisation, by name."""
    found = Room.objects.filter(organisation=uuid.UUID(organisation)).order_by("name")
    return [dict(room) for room in found.values("id", "name", "capacity")]
