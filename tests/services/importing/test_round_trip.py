"""Everything an institution put in, exported and imported into an empty one, is exported as the same again."""

import io
import zipfile
from pathlib import Path

import pytest
from django.db.models import Value
from django.db.models.functions import Concat

from attendance.importers.bundle import open_bundle
from attendance.importers.sources import read
from attendance.models import Attendance, AttendanceEvent, Import, ImportRow, Organisation, User
from attendance.queries.export_zip import export_zip
from attendance.services.demo import make_demo
from attendance.services.importing.applying import apply
from attendance.services.importing.preparing import begin, prepare
from tests.cast import person
from tests.services.importing.small_set import totals

pytestmark = pytest.mark.django_db(transaction=True)


def exported(organisation: Organisation, folder: Path) -> Path:
    path = folder / f"{organisation.slug}.zip"
    path.write_bytes(b"".join(export_zip(organisation)))
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def brought_in(organisation: Organisation, path: Path) -> Import:
    bundle = open_bundle(path)
    started = begin(
        organisation=organisation, source="csv", file_name=path.name, file_hash=bundle.content_hash, actor=None
    )
    done = prepare(started=started, read=lambda: read("csv", bundle))
    assert done.problem == ""
    assert list(done.rows.filter(action=ImportRow.Action.REFUSED)) == []
    return apply(prepared=done, file_hash=bundle.content_hash, actor=None)


def test_an_institution_moves_house(tmp_path: Path) -> None:
    demo = make_demo().timetable.organisation
    before = exported(demo, tmp_path)
    # User names are unique over all institutions, so the copy gets the same ones only when they are free.
    User.objects.filter(organisation=demo).update(username=Concat(Value("old-"), "username"))
    copy = Organisation.objects.create(slug="copy", name="Copy", time_zone="Asia/Karachi")
    person(copy, "mover", "admin", "Mo Ver")
    brought_in(copy, before)
    copy.refresh_from_db()
    assert members(exported(copy, tmp_path)) == members(before)
    marks = Attendance.objects.filter(lecture__organisation=copy).exclude(status="")
    assert marks.count() == Attendance.objects.filter(lecture__organisation=demo).exclude(status="").count() > 1000
    assert AttendanceEvent.objects.filter(organisation=copy, kind="marked").count() == marks.count()
    again = brought_in(copy, before)
    assert set(totals(again)) == {"same"}
