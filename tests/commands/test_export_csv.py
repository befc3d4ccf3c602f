"""`manage.py export_csv`: the same zip as the page's, written whole and for its owner's eyes."""

import stat
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from attendance.queries.export_zip import export_zip
from tests.cast import Campus

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_file_holds_the_export(campus: Campus, tmp_path: Path) -> None:
    said, path = StringIO(), tmp_path / "out.zip"
    call_command("export_csv", "aldermoor", str(path), stdout=said)

    assert path.read_bytes() == b"".join(export_zip(campus.organisation))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert said.getvalue() == f"{path}: University of Aldermoor, 0.0 MB\n"


def test_a_file_that_is_there_is_overwritten_when_told_so(campus: Campus, tmp_path: Path) -> None:
    path = tmp_path / "out.zip"
    path.write_text("precious")
    with pytest.raises(CommandError, match=r"out\.zip is there already\. Add --force to overwrite it\.$"):
        call_command("export_csv", "aldermoor", str(path))
    assert path.read_text() == "precious"
    call_command("export_csv", "aldermoor", str(path), "--force", stdout=StringIO())
    assert path.read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("slug", "file", "sentence"),
    [
        ("nowhere", "out.zip", r"^There is no organisation nowhere\.$"),
        ("aldermoor", "away/out.zip", r"away/out\.zip cannot be written: No such file or directory\.$"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    campus: Campus, tmp_path: Path, slug: str, file: str, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("export_csv", slug, str(tmp_path / file))
    assert list(tmp_path.iterdir()) == []
