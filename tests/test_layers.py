"""Arrows between the product's parts point down only, and no view writes rows: read from the source of every module."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.environment import PROJECT

PACKAGES = ("attendance", "attendance_system")

# A part imports from its own row or from a row further down.
ROWS = (
    {"attendance_system"},
    {"urls", "views", "api", "admin", "management", "templatetags", "middleware", "apps", "checks"},
    {"access", "services", "queries"},
    {"migrations", "sign_in", "importers", "stellar", "timetable", "cache_rules", "cache_utils"},
    {"models"},
)
ROW_OF = {part: number for number, parts in enumerate(ROWS) for part in parts}

# These know nothing of the product, so that each can be read, tested and trusted alone; anybody may import them.
INDEPENDENT = {"archives", "caching", "cache_tags", "clock", "ledger", "outgoing", "prepared", "qr"}

# Django's contract makes the model of the sessions name the store that writes them.
EXCEPTIONS = {("attendance.models.people", "attendance.sign_in.sessions.SessionStore")}

# Methods that write rows, whatever they are called on.
WRITES = {"save", "delete", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
# Methods that write rows when called on rows; sets and mappings have them too.
WRITES_ON_ROWS = {"update", "add", "set", "remove", "clear"}
QUERIES = {"all", "filter", "exclude", "order_by", "select_related", "select_for_update", "annotate", "distinct"}


# --- Reading a module -------------------------------------------------------------------------------------------


def imports_of(source: str, module: str) -> Iterator[str]:
    """Yield the full names of what a module imports from the product, also inside functions."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=aliases):
                names = [alias.name for alias in aliases]
            case ast.ImportFrom(module=origin, names=aliases, level=level):
                around = module.split(".")[:-level] if level else []
                names = [".".join([*around, *filter(None, [origin]), alias.name]) for alias in aliases]
            case _:
                continue
        yield from (name for name in names if name.split(".")[0] in PACKAGES)


def part_of(name: str) -> str:
    """Return which part of the product a full name belongs to, such as `services`."""
    package, _, rest = name.partition(".")
    return package if package == "attendance_system" else rest.split(".")[0]


def breach(module: str, name: str) -> str | None:
    """Return what is wrong with a module importing that name, if anything is."""
    own, other = part_of(module), part_of(name)
    if own == other or (module, name) in EXCEPTIONS:
        return None
    if own in INDEPENDENT:
        return f"{module} imports {name}, but {own} stands alone."
    if other == "cache_rules":
        return None if module == "attendance.apps" else f"{module} imports {name}, which only attendance.apps may."
    if other not in INDEPENDENT and ROW_OF[other] < ROW_OF[own]:
        return f"{module} imports {name}, which is further up."
    return None


def breaches_in(source: str, module: str) -> list[str]:
    """Return a sentence for each import of a module that points up, or out of a part that stands alone."""
    found = (breach(module, name) for name in imports_of(source, module))
    return [sentence for sentence in found if sentence]


def names_of_services(tree: ast.Module) -> set[str]:
    """Return the names under which a module knows services: `courses.create(...)` is how a view should write."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name
        for node in imports
        if (node.module or "").startswith("attendance.services")
        for alias in node.names
    }


def speaks_of_rows(receiver: ast.expr) -> bool:
    """Say whether an expression names rows: a manager, a query, or a relation of a row."""
    attributes = {node.attr for node in ast.walk(receiver) if isinstance(node, ast.Attribute)}
    return isinstance(receiver, ast.Attribute) or "objects" in attributes or bool(attributes & QUERIES)


def writes_in(source: str) -> list[str]:
    """Return the calls in a module's source that write rows past the services."""
    tree = ast.parse(source)
    services = names_of_services(tree)
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if name in services:
                continue
            case ast.Call(func=ast.Attribute(value=receiver, attr=method)):
                plain = method.removeprefix("a") if method != "add" else method
                if plain in WRITES or (plain in WRITES_ON_ROWS and speaks_of_rows(receiver)):
                    found.append(f"line {node.lineno}: {ast.unparse(node.func)}(...)")
    return found


# --- The product ------------------------------------------------------------------------------------------------


def modules_of_the_product() -> dict[str, Path]:
    files = [file for package in PACKAGES for file in (PROJECT / package).rglob("*.py")]
    return {".".join(file.relative_to(PROJECT).with_suffix("").parts): file for file in files}


MODULES = modules_of_the_product()
PAGES = [module for module in MODULES if part_of(module) in {"views", "api"}]


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    assert breaches_in(MODULES[module].read_text("utf-8"), module) == []


@pytest.mark.parametrize("module", PAGES)
def test_pages_write_through_services_only(module: str) -> None:
    assert writes_in(MODULES[module].read_text("utf-8")) == []


def test_every_part_has_its_place() -> None:
    parts = {part_of(module) for module in MODULES} - {"__init__"}

    assert parts - INDEPENDENT - {"cache_rules"} - set(ROW_OF) == set()


def test_nothing_happens_on_importing_the_packages_themselves() -> None:
    assert [package for package in PACKAGES if MODULES[f"{package}.__init__"].read_text("utf-8")] == []


def test_every_exception_is_still_needed() -> None:
    unneeded = [
        (module, name)
        for module, name in EXCEPTIONS
        if name not in imports_of(MODULES[module].read_text("utf-8"), module)
    ]
    assert unneeded == []


# --- The check itself -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("attendance.models.people", "from attendance.services.accounts import invite"),
        ("attendance.models.people", "def invite():\n    from attendance import services"),
        ("attendance.models.people", "import attendance.views.people"),
        ("attendance.models.people", "from ..services import accounts"),
        ("attendance.models.__init__", "from ..services import accounts"),
        ("attendance.models.timetable", "from attendance.sign_in.sessions import SessionStore"),
        ("attendance.queries.people", "if TYPE_CHECKING:\n    from attendance.views.people import Filter"),
        ("attendance.timetable.expansion", "from attendance.queries import lectures"),
        ("attendance.services.accounts", "from attendance_system.settings import SECRET_KEY"),
        ("attendance.ledger.commitment", "from attendance.models import AttendanceEvent"),
        ("attendance.clock", "from attendance.ledger import commitment"),
        ("attendance.services.accounts", "from attendance.cache_rules import RULES"),
    ],
)
def test_a_breach_is_found(module: str, source: str) -> None:
    assert len(breaches_in(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("attendance.views.people", "from attendance import access, clock\nfrom attendance.queries import people"),
        (
            "attendance.services.accounts",
            "from attendance.models import User\nfrom attendance.ledger import commitment",
        ),
        ("attendance.models.people", "from .organisation import Organisation"),
        ("attendance.models.__init__", "from .organisation import Organisation"),
        ("attendance.models.people", "from attendance.sign_in.sessions import SessionStore"),
        ("attendance.apps", "from attendance import cache_rules"),
        ("attendance.ledger.receipts", "import hashlib\nfrom attendance.ledger.commitment import commitment"),
    ],
)
def test_a_downward_import_is_left_alone(module: str, source: str) -> None:
    assert breaches_in(source, module) == []


@pytest.mark.parametrize(
    "source",
    [
        "lecture.save()",
        "form.save()",
        "Lecture.objects.create(offering=offering)",
        "Lecture.objects.filter(pk=1).update(topic='Cells')",
        "lectures.filter(pk=1).delete()",
        "offering.lectures.all().update(topic='Cells')",
        "Attendance.objects.bulk_create(marks)",
        "User.objects.get_or_create(username='amira')",
        "enrolment.sections.add(section)",
        "enrolment.sections.set([])",
        "await lecture.asave()",
    ],
)
def test_a_write_in_a_view_is_found(source: str) -> None:
    assert len(writes_in(f"async def view(request):\n    {source}")) == 1


@pytest.mark.parametrize(
    "source",
    [
        "context.update(form=form)",
        "chosen.add(lecture.pk)",
        "response.delete_cookie('theme')",
        "lectures.filter(pk=1).first()",
        "lectures.create(offering=offering)",
    ],
)
def test_what_only_looks_like_a_write_is_left_alone(source: str) -> None:
    assert writes_in(f"from attendance.services import lectures\n{source}") == []
