"""Receipts: downloading them, and checking them without an account."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from attendance.access import SignedInRequest, only, own_term, see_entry, signed_in
from attendance.ledger.verify_receipt import Receipt, Unproved, receipts_in, told
from attendance.models import User
from attendance.queries.blocks import check_receipt, receipt_of_entry, receipts_of_term
from attendance.views.forms.receipts import ReceiptForm
from attendance.views.ledger_texts import text_answer
from attendance.views.receipt_words import refusal_of


@require_safe
@signed_in
def receipt_download(request: SignedInRequest, index: int) -> HttpResponse:
    """Answer the receipt of an entry as a file."""
    receipt = receipt_of_entry(see_entry(request.user, index))
    if receipt is None:
        raise Http404
    return text_answer(receipt.text, file_name=f"receipt-{index}.tlog-proof")


@require_safe
@only(User.Role.STUDENT)
def term_receipt_download(request: SignedInRequest, term_id: int) -> HttpResponse:
    """Answer the receipts of everything that was recorded about the student in a term, in one file."""
    receipts = receipts_of_term(request.user, own_term(request.user, term_id))
    if not receipts:
        raise Http404
    return text_answer("".join(receipt.text for receipt in receipts), file_name=f"receipts-{term_id}.tlog-proof")


@require_http_methods(["GET", "HEAD", "POST"])
def receipt_check(request: HttpRequest) -> HttpResponse:
    """Check a receipt, for anybody; what is sent is not kept."""
    form = ReceiptForm(request.POST, request.FILES) if request.method == "POST" else ReceiptForm()
    found = []
    if form.is_valid():
        try:
            found = [
                (receipt, told(receipt.body), _size(receipt)) for receipt in receipts_in(form.cleaned_data["text"])
            ]
        except Unproved as problem:
            form.add_error("file", refusal_of(problem))
    status = 400 if form.errors else 200
    return render(request, "blockchain/check.html", {"form": form, "found": found}, status=status)


def _size(receipt: Receipt) -> int:
    return check_receipt(receipt).size
