"""Which variables the product reads, and the values that the tests give them."""

import ast
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
SETTINGS = PROJECT / "attendance_system" / "settings.py"
TEST_SECRET_KEY = "only-for-tests-" + "0123456789" * 5


def variables_read(source_file: Path) -> set[str]:
    """Return the names that a file reads as `env.<reader>("NAME", ...)`."""
    calls = [node for node in ast.walk(ast.parse(source_file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return {name for call in calls if (name := _name_read(call))}


def _name_read(call: ast.Call) -> str | None:
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="env")), args=[ast.Constant(value=str(name)), *_]):
            return name
    return None


def environment_of_tests(database_url: str, redis_url: str) -> dict[str, str]:
    """Return variables that make the product run on these servers, whatever the developer's own settings are.

    An empty variable counts as unset for the product, and as set for `.env`, which therefore cannot fill it.
    """
    return dict.fromkeys(variables_read(SETTINGS), "") | {
        "DJANGO_SETTINGS_MODULE": "attendance_system.settings",
        "LUMINA_ENVIRONMENT": "development",
        "SECRET_KEY": TEST_SECRET_KEY,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "TEST_REDIS_URL": redis_url,
        "CACHE_BACKGROUND": "false",
        "LEDGER_BACKGROUND": "false",
        "LEDGER_KEY_FILE": str(Path(tempfile.gettempdir()) / "lumina-tests.ledger-key"),
    }
