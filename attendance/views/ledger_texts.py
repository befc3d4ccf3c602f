"""What strangers check receipts by, at addresses that stay: blocks, keys, proofs between them, and the verifier."""

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from attendance.ledger import verify_receipt
from attendance.models import Checkpoint
from attendance.queries.blocks import keys_of_the_log
from attendance.queries.ledger import consistency_between, latest_block


def text_answer(text: str, *, file_name: str = "") -> HttpResponse:
    """Return plain text; with a name, as a file to keep."""
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    if file_name:
        answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer


@require_safe
def checkpoint_latest(request: HttpRequest) -> HttpResponse:
    """Answer the latest block as it was signed."""
    block = latest_block()
    if block is None:
        raise Http404
    return text_answer(block.note)


@require_safe
def checkpoint_of_block(request: HttpRequest, number: int) -> HttpResponse:
    """Answer one block as it was signed."""
    return text_answer(get_object_or_404(Checkpoint, number=number).note)


@require_safe
def ledger_keys(request: HttpRequest) -> HttpResponse:
    """Answer the log's public keys, one to a line, the first one first."""
    return text_answer("".join(f"{key.text}\n" for key in keys_of_the_log()))


@require_safe
def consistency_show(request: HttpRequest, old_size: int, size: int) -> HttpResponse:
    """Answer the proof that the log with `size` entries continues the one with `old_size`."""
    block = latest_block()
    if block is None or not old_size <= size <= block.size:
        raise Http404
    return text_answer(consistency_between(old_size, size).text)


@require_safe
def verifier_download(request: HttpRequest) -> HttpResponse:
    """Answer the program that checks receipts without us, as a file."""
    return text_answer(Path(verify_receipt.__file__).read_text("utf-8"), file_name="verify_receipt.py")
