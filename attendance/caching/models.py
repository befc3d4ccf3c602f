"""The outbox, where triggers say what changed, and the horizon, before which it was emptied.

Both tables are made by hand in the migration: PostgreSQL keeps transaction ids in a type of its own (`xid8`).
"""

from django.db import models


class OutboxRow(models.Model):
    """What one statement dirtied; on SQLite, one row of it.

    `changes` has a line for each changed row: the cause, `<rule>:<id>:<verb>`, and behind it the tags, with tabs. On
    PostgreSQL the table also has `xid`, the transaction's id, and no index on `id`: nobody asks for it there.
    """

    id = models.BigAutoField(primary_key=True)
    changes = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "caching_outbox"

    def __str__(self) -> str:
        return self.changes


class Horizon(models.Model):
    """The single row that says how far back the outbox can tell what changed, and which database this is.

    `bound` is a transaction id on PostgreSQL and an outbox id on SQLite; what lies before it was purged. `identity`
    is random: a position taken from another database means nothing here. `triggers` is the fingerprint of the triggers
    that are installed, empty while they are coarse.
    """

    id = models.SmallIntegerField(primary_key=True)
    bound = models.TextField()
    identity = models.TextField()
    triggers = models.TextField(default="")

    class Meta:
        managed = False
        db_table = "caching_horizon"

    def __str__(self) -> str:
        return self.bound
