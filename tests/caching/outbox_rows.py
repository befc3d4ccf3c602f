"""What tests read in the outbox: the changes that were noted since a moment."""

from attendance.caching.models import OutboxRow
from attendance.caching.outbox import Change, read_changes


def last_row() -> int:
    """Return the id of the newest row, 0 when there is none."""
    return OutboxRow.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def changes_after(row: int) -> list[Change]:
    """Return what was noted after that row, one change per tag and changed row."""
    texts = OutboxRow.objects.filter(pk__gt=row).order_by("pk").values_list("changes", flat=True)
    return [change for text in texts for change in read_changes(text)]
