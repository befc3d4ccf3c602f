"""What people do, in a browser."""

from playwright.sync_api import Locator


def choose(row: Locator, name: str) -> None:
    """Click the letter that a radio button without a face of its own stands behind, as people do."""
    row.locator("label", has=row.page.get_by_role("radio", name=name)).click()
