"""What the page that checks receipts refuses, it refuses in the reader's language; the verifier speaks English."""

import ast
import inspect
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from attendance.ledger import verify_receipt
from attendance.ledger.verify_receipt import Unproved
from attendance.queries import blocks
from attendance.views.receipt_words import PARTS, refusal_of
from tests.cast import Campus
from tests.ledger.stage import log_of_three_blocks
from tests.views.test_receipts import CHECK, receipt

READING = {"decode": 1, "number": 1}
"""Functions of the verifier that are told what they read, and in which argument."""


def calls(*modules: object) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in these modules of a function by its plain name."""
    for module in modules:
        for node in ast.walk(ast.parse(inspect.getsource(module))):  # type: ignore[arg-type]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id, node


REFUSALS = [call for name, call in calls(verify_receipt, blocks) if name == "Unproved"]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda call: f"line {call.lineno}")
def test_every_refusal_has_its_words(refusal: ast.Call) -> None:
    (template,) = refusal.args
    assert isinstance(template, ast.Constant) and isinstance(template.value, str), "a sentence, with names in it"
    values = {str(each.arg): PARTS[0] if each.arg == "what" else 7 for each in refusal.keywords}
    problem = Unproved(template.value, **values)
    assert refusal_of(problem) == str(problem)
    with translation.override("ar"):
        words = refusal_of(problem)
    assert words != str(problem) and "%(" not in words


def test_every_part_that_is_read_has_its_word() -> None:
    named = [call.args[READING[name]] for name, call in calls(verify_receipt) if name in READING]
    assert {each.value for each in named if isinstance(each, ast.Constant)} == set(PARTS)
    with translation.override("ar"):
        assert not {part for part in PARTS if gettext(part) == part}


def checked(text: str, language: str) -> str:
    answer = Client(headers={"accept-language": language}).post(CHECK, {"pasted": text})
    assert answer.status_code == 400
    return answer.content.decode()


def test_a_reader_is_told_in_the_own_language(campus: Campus) -> None:
    log_of_three_blocks(campus)
    sound = receipt(campus).decode()
    changed = sound.replace("index 0", "index 1")
    assert "Entry 1 of the log is not this event" in checked(changed, "en")
    assert "القيد 1 في السجل ليس هذا الحدث" in checked(changed, "ar")
    assert "القيمة «رقم القيد» ليست عددًا." in checked(sound.replace("index 0", "index 00"), "ar")
    assert "هذا ليس إيصالًا" in checked("hello", "ar")
