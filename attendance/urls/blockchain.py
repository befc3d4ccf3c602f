"""Addresses of the ledger: blocks and entries, receipts, and what strangers check them by."""

from django.urls import path

from attendance.views import blockchain, ledger_texts, receipts

urlpatterns = [
    path("blockchain/", blockchain.block_list, name="block_list"),
    path("blockchain/blocks/<int:number>/", blockchain.block_show, name="block_show"),
    path("blockchain/entries/<int:index>/", blockchain.entry_show, name="entry_show"),
    path("blockchain/statistics/", blockchain.blockchain_statistics, name="blockchain_statistics"),
    path("blockchain/status/", blockchain.blockchain_status, name="blockchain_status"),
    path("blockchain/check/", receipts.receipt_check, name="receipt_check"),
    path("blockchain/entries/<int:index>/receipt/", receipts.receipt_download, name="receipt_download"),
    path("me/receipts/<int:term_id>/", receipts.term_receipt_download, name="term_receipt_download"),
    path("blockchain/checkpoint/", ledger_texts.checkpoint_latest, name="checkpoint_latest"),
    path("blockchain/blocks/<int:number>/checkpoint/", ledger_texts.checkpoint_of_block, name="checkpoint_of_block"),
    path("blockchain/keys/", ledger_texts.ledger_keys, name="ledger_keys"),
    path("blockchain/consistency/<int:old_size>/<int:size>/", ledger_texts.consistency_show, name="consistency_show"),
    path("blockchain/verify_receipt.py", ledger_texts.verifier_download, name="verifier_download"),
]
