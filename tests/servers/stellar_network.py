"""A small network of Stellar: accounts, ledgers, and what it takes a transaction by.

The envelope's signature has to be that of its account for this network, the account has to be there and able to pay,
the number has to be the next one, and the time must not be over. What is taken once is in a ledger.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stellar_sdk import Account, Asset, Keypair, ManageData, TransactionBuilder, TransactionEnvelope
from stellar_sdk.exceptions import BadSignatureError

TESTNET = "Test SDF Network ; September 2015"
FIRST_LEDGER = 1000


@dataclass
class StubAccount:
    """An account: the number of its last transaction, and what it has, in stroops."""

    sequence: int = 4_000_000_000
    stroops: int = 50_000_000
    data: dict[str, bytes] = field(default_factory=dict)


@dataclass
class StubNetwork:
    """A network.

    Attributes:
        passphrase: what its signatures are for.
        fault: the name of one thing that is wrong, empty for none; the words stand where they are asked for.
        seconds: how far its clock is before that of this machine.
        transactions: what is in a ledger, in order, as Horizon tells it.
        late: an envelope that came earlier and is taken once the next question was answered.
    """

    passphrase: str = TESTNET
    fault: str = ""
    seconds: float = 0
    ledger: int = FIRST_LEDGER
    accounts: dict[str, StubAccount] = field(default_factory=dict)
    transactions: dict[str, dict[str, Any]] = field(default_factory=dict)
    late: str = ""

    def funded(self, secret: str) -> str:
        """Make the account of a secret key, and return its name."""
        account = Keypair.from_secret(secret).public_key
        self.accounts[account] = StubAccount()
        return account

    @property
    def now(self) -> float:
        return time.time() + self.seconds

    def take_late(self) -> None:
        """Let the network take what waits there."""
        if self.late:
            self.take(TransactionEnvelope.from_xdr(self.late, self.passphrase))
            self.late = ""

    def refusal_of(self, envelope: TransactionEnvelope) -> str:
        """Return the code by which the network refuses a transaction, nothing when it takes it."""
        transaction = envelope.transaction
        account = self.accounts.get(transaction.source.account_id)
        bounds = transaction.preconditions and transaction.preconditions.time_bounds
        if account is None:
            return "tx_no_source_account"
        if not bounds or self.now > bounds.max_time:
            return "tx_too_late"
        if transaction.sequence != account.sequence + 1:
            return "tx_bad_seq"
        if not _is_signed(envelope):
            return "tx_bad_auth"
        if self.fault == "surge" or transaction.fee < 100:
            return "tx_insufficient_fee"
        return "tx_insufficient_balance" if account.stroops < transaction.fee else ""

    def take(self, envelope: TransactionEnvelope) -> dict[str, Any]:
        """Put a transaction into the next ledger and return what Horizon tells of it."""
        self.ledger += 1
        transaction, account = envelope.transaction, self.accounts[envelope.transaction.source.account_id]
        account.sequence, account.stroops = transaction.sequence, account.stroops - 100
        successful = self.fault != "no reserve"
        concerns = {transaction.source.account_id}
        for operation in transaction.operations:
            if isinstance(operation, ManageData) and successful:
                account.data[operation.data_name] = operation.data_value or b""
            concerns.add(getattr(getattr(operation, "destination", None), "account_id", ""))
        record = {
            "id": envelope.hash_hex(),
            "hash": envelope.hash_hex(),
            "paging_token": str(self.ledger << 32),
            "ledger": self.ledger,
            "created_at": told(self.now),
            "successful": successful,
            "source_account": transaction.source.account_id,
            "source_account_sequence": str(transaction.sequence),
            "fee_charged": "100",
            "max_fee": str(transaction.fee),
            "operation_count": len(transaction.operations),
            "envelope_xdr": envelope.to_xdr(),
            "concerns": sorted(concerns),
        }
        return self.transactions.setdefault(envelope.hash_hex(), record)

    def use_number(self, account: str) -> None:
        """Let somebody else use the next number of an account."""
        self.take(self._built(account).append_bump_sequence_op(0).build())

    def give(self, secret: str, account: str) -> None:
        """Let somebody send money to an account, with an operation of ours beside it under our name."""
        builder = self._built(Keypair.from_secret(secret).public_key).append_payment_op(account, Asset.native(), "1")
        envelope = builder.append_manage_data_op("luminalearn/ledger", bytes(40)).build()
        envelope.sign(secret)
        self.take(envelope)

    def _built(self, name: str) -> TransactionBuilder:
        source = Account(name, self.accounts[name].sequence)
        return TransactionBuilder(source, self.passphrase).add_time_bounds(0, int(self.now) + 60)


def _is_signed(envelope: TransactionEnvelope) -> bool:
    try:
        (signature,) = envelope.signatures
        Keypair.from_public_key(envelope.transaction.source.account_id).verify(envelope.hash(), signature.signature)
    except (ValueError, BadSignatureError):
        return False
    return True


def told(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
