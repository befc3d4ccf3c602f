"""The documents say what is there: each requirement, address, command and setting has its line, and none is stale."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from dotenv import dotenv_values

from attendance import urls
from attendance.importers.sheets import SHEETS, Column
from attendance.services.demo import PASSWORD
from tests.servers.environment import PROJECT

DOCS = PROJECT / "docs"
DOCUMENTS = [PROJECT / "README.md", *sorted(DOCS.rglob("*.md"))]
MADE_WHEN_RUNNING = "logs/"
REQUIREMENTS, ARCHITECTURE, DEVELOPMENT = (
    DOCS / f"{name}.md" for name in ("requirements", "architecture", "development")
)

GROUPS = {"S0": 38, "S1": 52, "S2": 84, "S3": 57, "S4": 47}
DECISIONS = 25
STATES = ("met", "part", "open")

BACKTICKED = re.compile(r"`([^`\n]+)`")
# A file or folder, and perhaps a test in it; an address of the product starts with a slash, a command has spaces.
REFERENCE = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?(?:::\w+)?")
ROOT_FILES = {"Makefile", "Procfile"}
LINK = re.compile(r"\]\((?!https?:)([^)]+)\)")
NONE_OF_ITS_BUSINESS = re.compile(r"/work\b|\bshared/|DESIGN\.md|\bhelpers?\b|\bagents?\b|\bprompts?\b", re.IGNORECASE)


# --- Reading documents ------------------------------------------------------------------------------------------


def rows(document: Path, *header: str) -> list[list[str]]:
    """Return the cells of all rows that stand under that header, in every table of the document that has it."""
    found, inside = [], False
    for line in document.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells == list(header):
            inside = True
        elif inside and set(line) - set("|-"):
            found.append(cells)
    return found


def bare(cell: str) -> str:
    return cell.strip("`")


def references(text: str) -> set[str]:
    """Return the files, folders and tests that a text names in backticks."""
    named = {token for token in BACKTICKED.findall(text) if REFERENCE.fullmatch(token)}
    return {token for token in named if "/" in token or "." in token or token in ROOT_FILES}


def missing(reference: str) -> bool:
    """Say whether a file, folder or test does not exist."""
    path, _, test = reference.partition("::")
    return not (PROJECT / path).exists() or bool(test and test not in names_of_tests(PROJECT / path))


@cache
def names_of_tests(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@cache
def requirements() -> list[list[str]]:
    return rows(REQUIREMENTS, "id", "requirement", "state", "what meets it")


def anchors(document: Path) -> set[str]:
    """Return the names under which the headings of a document can be linked."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- Requirements -----------------------------------------------------------------------------------------------


def test_every_requirement_has_one_row_in_its_place() -> None:
    expected = [f"{group}-{number:02}" for group, count in GROUPS.items() for number in range(1, count + 1)]

    assert [row[0] for row in requirements()] == expected


def test_every_row_is_complete_and_in_a_known_state() -> None:
    odd = [row for row in requirements() if len(row) != 4 or not all(row) or row[2] not in STATES]

    assert odd == []


def test_the_counts_at_the_top_are_those_of_the_rows() -> None:
    states = {group: [row[2] for row in requirements() if row[0].startswith(group)] for group in GROUPS}
    states["all"] = [row[2] for row in requirements()]
    counted = [
        [group, *(str(of_group.count(state)) for state in STATES), str(len(of_group))]
        for group, of_group in states.items()
    ]
    assert rows(REQUIREMENTS, "group", *STATES, "all") == counted


def test_what_is_met_names_its_test_and_what_is_partly_met_says_what_is_missing() -> None:
    met = [row[0] for row in requirements() if row[2] == "met" and "::test_" not in row[3]]
    part = [row[0] for row in requirements() if row[2] == "part" and not (references(row[3]) and "missing: " in row[3])]
    assert (met, part) == ([], [])


def test_every_decision_has_its_line() -> None:
    decisions = [row[0] for row in rows(REQUIREMENTS, "id", "decision", "where it shows")]

    assert decisions == [f"D{number}" for number in range(1, DECISIONS + 1)]


def test_the_files_and_tests_that_meet_requirements_exist() -> None:
    answers = requirements() + rows(REQUIREMENTS, "id", "decision", "where it shows")

    assert [(row[0], name) for row in answers for name in references(row[-1]) if missing(name)] == []


# --- The map ----------------------------------------------------------------------------------------------------


def test_every_package_stands_in_the_map() -> None:
    packages = {
        f"{file.parent.relative_to(PROJECT / 'attendance')}/" for file in PROJECT.glob("attendance/*/**/__init__.py")
    }
    text = ARCHITECTURE.read_text("utf-8")
    drawn = {name for line in text.splitlines() if line.startswith("    ") for name in re.findall(r"[\w/]+/", line)}

    assert packages - drawn == set()


def test_every_address_has_its_row() -> None:
    described = {(bare(name), bare(path)) for name, path, _whom in rows(ARCHITECTURE, "name", "path", "for whom")}

    expected = {(str(pattern.name), f"/{pattern.pattern}") for pattern in urls.urlpatterns}
    assert described == expected | {("admin", "/admin/")}


def test_every_command_has_its_row() -> None:
    described = {bare(name) for name, _does in rows(ARCHITECTURE, "command", "what it does")}

    files = (PROJECT / "attendance" / "management" / "commands").glob("[!_]*.py")
    assert described == {file.stem for file in files}


def test_every_setting_has_its_row_with_its_default() -> None:
    described = {
        bare(name): bare(default) for name, default, _means in rows(DEVELOPMENT, "variable", "default", "meaning")
    }

    template = dotenv_values(PROJECT / ".env.template")
    assert described == {name: value or "unset" for name, value in template.items()}


def test_every_file_for_import_has_its_row_with_its_columns_and_its_key() -> None:
    described = {
        bare(file): (columns, key) for file, columns, key in rows(DOCS / "imports.md", "file", "columns", "key")
    }

    def written(column: Column) -> str:
        return f"**{column.name}**" if column.needed else column.name

    expected = {
        f"{name}.csv": (
            ", ".join(written(column) for column in sheet.columns if column.kept),
            ", ".join(sheet.key) or "one row",
        )
        for name, sheet in SHEETS.items()
    }
    # A lecture's own planned_for is its start unless it says otherwise, so that nobody has to write it.
    expected["lectures.csv"] = tuple(
        text.replace("**planned_for**", "planned_for") for text in expected["lectures.csv"]
    )
    assert described == expected


def test_the_readme_names_every_login_and_the_password_of_the_demo() -> None:
    text = (PROJECT / "README.md").read_text("utf-8")
    logins = [bare(login) for login, _who in rows(PROJECT / "README.md", "login", "who")]
    assert f"`{PASSWORD}`" in text
    assert logins == ["admin", "teacher", "student", "auditor", "assistant"]


# --- All documents ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    dead = []
    for link in LINK.findall(document.read_text("utf-8")):
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.is_file() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("document", [each for each in DOCUMENTS if each != REQUIREMENTS], ids=lambda each: each.name)
def test_the_files_a_document_names_exist(document: Path) -> None:
    named = references(document.read_text("utf-8"))

    of_ours = {name for name in named if (PROJECT / name.split("/")[0]).is_dir() and "/" in name}
    assert {name for name in of_ours if missing(name) and not name.startswith(MADE_WHEN_RUNNING)} == set()


def test_every_file_in_docs_is_linked() -> None:
    links = {
        (document.parent / link.partition("#")[0]).resolve()
        for document in DOCUMENTS
        for link in LINK.findall(document.read_text("utf-8"))
    }
    assert {file for file in DOCS.rglob("*") if file.is_file()} - links == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_documents_speak_of_the_project_alone(document: Path) -> None:
    assert NONE_OF_ITS_BUSINESS.findall(document.read_text("utf-8")) == []


def test_pictures_are_small() -> None:
    assert [picture.name for picture in DOCS.rglob("*.png") if picture.stat().st_size >= 150_000] == []
