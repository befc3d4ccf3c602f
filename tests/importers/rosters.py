"""A OneRoster bundle small enough to check by hand: two classes of one course, one of another, six users."""

from attendance.importers.oneroster import read_oneroster
from attendance.importers.records import Kind, Reading, Record
from tests.importers.files import bundle_of

MANIFEST = """\
propertyName,value
manifest.version,1.0
oneroster.version,1.2
file.academicSessions,bulk
file.classes,bulk
file.courses,bulk
file.enrollments,bulk
file.orgs,bulk
file.roles,bulk
file.users,bulk
"""
ROSTER = {
    "manifest.csv": MANIFEST,
    "orgs.csv": """\
sourcedId,status,name,type
o1,active,Physics,department
o2,active,Alpha District,district
""",
    "academicSessions.csv": """\
sourcedId,status,title,type,startDate,endDate
t1,active,Autumn,term,2026-09-14,2026-12-18
t2,active,Spring,term,2027-01-11,2027-04-30
""",
    "courses.csv": """\
sourcedId,status,title,courseCode,orgSourcedId
c1,active,Mechanics,PH101,o1
c2,active,Optics,,
""",
    "classes.csv": """\
sourcedId,status,title,courseSourcedId,classCode,schoolSourcedId,termSourcedIds
k1,active,Mechanics A,c1,A,o1,t1
k2,active,Mechanics B,c1,B,o1,t1
k3,active,Optics,c2,OPT,o1,t1
""",
    "users.csv": """\
sourcedId,status,enabledUser,username,givenName,familyName,identifier,email
u1,active,true,amira,Amira,Haddad,S001,amira@alpha.example
u2,active,true,bilal,Bilal,Khan,S002,
u3,active,false,chen,Chen,Li,,
u4,active,true,dora,Dora,Novak,T001,
u5,active,true,emil,Emil,Berg,T002,
u6,active,true,fadi,Fadi,Saad,A001,
""",
    "roles.csv": """\
sourcedId,status,userSourcedId,roleType,role,orgSourcedId
r1,active,u1,primary,student,o1
r2,active,u2,primary,student,o1
r3,active,u3,primary,student,o2
r4,active,u4,primary,teacher,o1
r5,active,u5,secondary,aide,o1
r6,active,u6,primary,siteAdministrator,o1
""",
    "enrollments.csv": """\
sourcedId,status,classSourcedId,userSourcedId,role,primary,beginDate,endDate
e1,active,k1,u1,student,,2026-09-14,
e2,active,k2,u1,student,,2026-09-21,2026-12-11
e3,active,k3,u2,student,,,
e4,active,k1,u5,teacher,false,,
e5,active,k1,u4,teacher,true,,
e6,active,k3,u5,aide,,,
""",
}


def roster(*changes: tuple[str, str, str], without: str = "", **files: str) -> Reading:
    """Read the small bundle, in each named file the old text replaced by the new one; and other files added."""
    members: dict[str, str | bytes] = {name: text for name, text in ROSTER.items() if name != without}
    for file, old, new in changes:
        text = str(members[file])
        assert old in text, f"{old!r} is not in {file}"
        members[file] = text.replace(old, new, 1)
    return read_oneroster(bundle_of({**members, **{f"{name}.csv": text for name, text in files.items()}}))


def of_kind(found: Reading, kind: Kind) -> dict[tuple[str, ...], Record]:
    return {record.key: record for record in found.records if record.kind == kind}


def sentences(found: Reading) -> list[tuple[str, int, str, str]]:
    return [(each.place.file, each.place.line, each.field, each.reason) for each in found.refused]
