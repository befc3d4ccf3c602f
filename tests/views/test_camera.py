"""The scanner's page: what it may compile and from where, and that the decoder beside it is the one it says."""

import re
from hashlib import sha256

from django.contrib.staticfiles import finders
from django.urls import reverse

from attendance.services.attendance_sessions import open_session
from tests.cast import Campus, signed_in
from tests.servers.environment import PROJECT

STATIC = PROJECT / "attendance/static"
CHECKSUM = re.compile(r"^\| `(\S+)` \| `\S+` \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def test_this_page_alone_may_compile_a_decoder(campus: Campus) -> None:
    browser = signed_in(campus.amira)
    policies = {
        name: browser.get(reverse(name)).headers["Content-Security-Policy"]
        for name in ("check_in_camera", "check_in_type", "dashboard")
    }
    assert "script-src 'self' 'wasm-unsafe-eval';" in policies["check_in_camera"] + ";"
    assert [name for name, policy in policies.items() if "wasm-unsafe-eval" in policy] == ["check_in_camera"]
    assert "http" not in policies["check_in_camera"] and "'unsafe-eval'" not in policies["check_in_camera"]


def test_everything_it_names_is_a_file_of_ours(campus: Campus) -> None:
    page = signed_in(campus.amira).get(reverse("check_in_camera")).content.decode()
    named = re.findall(r'"/static/([^"]+)"', page)
    assert {name.rpartition(".")[2] for name in named} >= {"js", "wasm", "css"}
    assert [name for name in named if finders.find(name) is None] == []
    assert "//" not in re.sub(r"<svg.*?</svg>", "", page).replace("http://testserver", "")


def test_the_decoder_has_the_checksums_that_its_readme_says() -> None:
    for folder in (STATIC / "attendance/vendor").iterdir():
        told = dict(CHECKSUM.findall((folder / "README.md").read_text("utf-8")))
        code = [file for file in folder.iterdir() if file.suffix in (".js", ".wasm")]
        assert told == {file.name: sha256(file.read_bytes()).hexdigest() for file in code}
        assert (folder / "LICENSE").is_file()


def test_the_browser_keeps_the_page_but_asks_each_time(campus: Campus) -> None:
    response = signed_in(campus.amira).get(reverse("check_in_camera"))
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}


def test_a_lecture_leads_there_while_check_in_is_open(campus: Campus) -> None:
    live, scanner = reverse("lecture_live", args=[campus.lecture.pk]), reverse("check_in_camera")
    assert scanner not in signed_in(campus.amira).get(live).content.decode()
    open_session(lecture=campus.lecture, actor=campus.ines, minutes=15)
    assert scanner in signed_in(campus.amira).get(live).content.decode()
    assert scanner not in signed_in(campus.ines).get(live).content.decode()
