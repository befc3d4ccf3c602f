"""The ledger's pages, receipts, and what strangers check them by."""

from typing import Any

from attendance.models import LedgerEntry
from tests.cast import Campus
from tests.ledger.stage import sealed_block

#   address                method  anonymous outsider inside other owner assistant auditor admin foreign admin
MATRIX = """
    block_list               GET     login   200     200     200     200     200     200     200     200
    block_show               GET     login   200     200     200     200     200     200     200     200
    entry_show               GET     login   404     200     404     200     200     200     200     404
    receipt_download         GET     login   404     200     404     200     200     200     200     404
    term_receipt_download    GET     login   404     200     404     404     404     404     404     404
    blockchain_statistics    GET     login   200     200     200     200     200     200     200     200
    blockchain_status        GET     login   200     200     200     200     200     200     200     200
    receipt_check            GET     200     200     200     200     200     200     200     200     200
    receipt_check            POST    400     400     400     400     400     400     400     400     400
    checkpoint_latest        GET     200     200     200     200     200     200     200     200     200
    checkpoint_of_block      GET     200     200     200     200     200     200     200     200     200
    ledger_keys              GET     200     200     200     200     200     200     200     200     200
    consistency_show         GET     200     200     200     200     200     200     200     200     200
    verifier_download        GET     200     200     200     200     200     200     200     200     200
"""

PAGES = {
    "visitor": ["receipt_check"],
    "amira": ["block_show", "entry_show", "blockchain_statistics"],
    "admin": ["block_list", "block_show", "entry_show", "blockchain_statistics", "blockchain_status"],
}


def stage(campus: Campus) -> dict[str, Any]:
    """Two blocks, the first with an entry about Amira."""
    block = sealed_block(campus, campus.amira)
    sealed_block(campus, campus.bilal)
    entry = LedgerEntry.objects.filter(event__student=campus.amira).latest("index")
    return {
        "number": block.number,
        "index": entry.index,
        "term_id": campus.term.pk,
        "old_size": block.size,
        "size": block.size + 1,
    }


def body_for(campus: Campus, name: str) -> dict[str, object]:
    """What is posted."""
    return {"receipt_check": {"pasted": "no receipt"}}.get(name, {})
