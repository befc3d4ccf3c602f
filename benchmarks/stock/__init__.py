"""What hits are held against: a new Django project as `startproject` makes it, with one view behind a login."""
