"""A student takes a receipt home and has it checked by the program that the same pages hand out."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_walk import log_in, people
from tests.cast import Campus
from tests.ledger.stage import sealed_block

__all__ = ["people"]


def downloaded(link: Locator, folder: Path) -> Path:
    """Click a link and return the file that the browser keeps, under the name it was given."""
    with link.page.expect_download() as download:
        link.click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def verdict(program: Path, receipt: Path, key: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-I", program, receipt, "--key", key]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_receipt_from_the_page_is_proved_at_home_and_no_other_is(
    page: Page, live_server: LiveServer, people: Campus, tmp_path: Path
) -> None:
    sealed_block(people, people.amira, people.bilal)
    log_in(page, live_server, people.amira)
    page.goto(f"{live_server.url}/lectures/{people.lecture.pk}/history/{people.amira.pk}/")
    page.locator("a[href='/blockchain/entries/0/']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Entry 0")
    receipt = downloaded(page.get_by_role("link", name="Receipt", exact=True), tmp_path)

    page.goto(f"{live_server.url}/blockchain/statistics/")
    for step in ("Witnessed", "Anchored"):
        expect(page.locator(".steps li", has_text=step)).to_contain_text("off")
    page.get_by_role("link", name="What waits now").click()
    program = downloaded(page.get_by_role("link", name="Program that checks receipts"), tmp_path)
    page.get_by_role("link", name="Public keys").click()
    key = tmp_path / "keys.txt"
    key.write_text(page.locator("pre").inner_text())

    proved = verdict(program, receipt, key)
    assert (receipt.name, proved.returncode) == ("receipt-0.tlog-proof", 0), proved.stdout + proved.stderr
    assert "PROVED: this event was in the log" in proved.stdout and "Not checked" not in proved.stdout

    data = bytearray(receipt.read_bytes())
    for place in range(0, len(data), 97):
        data[place] ^= 1
        receipt.write_bytes(data)
        refused = verdict(program, receipt, key)
        assert (refused.returncode, refused.stdout[:10]) == (1, "NOT PROVED"), place
        data[place] ^= 1
