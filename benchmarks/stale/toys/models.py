"""Shelves that stand in rooms, and the books on them."""

from django.db import models


class Shelf(models.Model):
    """A shelf in a room."""

    room = models.IntegerField()

    def __str__(self) -> str:
        return f"shelf {self.pk} in room {self.room}"


class Book(models.Model):
    """A book on a shelf."""

    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE)
    title = models.CharField(max_length=40)
    pages = models.IntegerField()

    def __str__(self) -> str:
        return self.title
