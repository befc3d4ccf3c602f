"""Transactions that carry one hash and one short value: made, signed, and opened again.

The only module that knows `stellar_sdk`, an optional requirement, which is loaded when it is first needed. The format
is XDR as https://developers.stellar.org/docs/learn/fundamentals/transactions describes it.
"""

from typing import TYPE_CHECKING, NamedTuple

from attendance.stellar.networks import Network

if TYPE_CHECKING:
    from stellar_sdk import TransactionEnvelope

FEE = 10_000
"""What a transaction offers at most, in stroops: 0.001 XLM. The network takes what a ledger costs, usually 100."""


class SecretError(ValueError):
    """A text that is no secret key; it is not in the sentence."""


class EnvelopeError(ValueError):
    """A text that is no transaction of this kind."""


class Signed(NamedTuple):
    """A transaction ready to be submitted: its envelope in base64, and the hash it goes by in the network."""

    envelope: str
    hash: str


class Opened(NamedTuple):
    """What a transaction says, once the signature of its account was found to be right.

    Attributes:
        hash: the name it goes by in the network.
        account: who sends and signs it.
        sequence: its number among those of the account; the account uses each once, in order.
        ends_at: the last second, since 1970, at which a ledger may take it.
        memo: the 32 bytes in its memo.
        name: under which name it puts the value with the account.
        value: that value.
    """

    hash: str
    account: str
    sequence: int
    ends_at: int
    memo: bytes
    name: str
    value: bytes


def account_of(secret: str) -> str:
    """Return the account that a secret key speaks for.

    Raises:
        SecretError: it is no secret key.
    """
    from stellar_sdk import Keypair
    from stellar_sdk.exceptions import Ed25519SecretSeedInvalidError

    try:
        pair = Keypair.from_secret(secret)
    except Ed25519SecretSeedInvalidError:
        pair = None  # Raised outside of this block: the original says what stood there.
    if pair is None:
        raise SecretError("The text is no secret key of Stellar.")
    return pair.public_key


def signed(
    *, secret: str, network: Network, sequence: int, ends_at: int, memo: bytes, name: str, value: bytes
) -> Signed:
    """Return the signed transaction that says this; see `Opened` for what each part is.

    Raises:
        SecretError: the secret is no secret key.
    """
    from stellar_sdk import Account, TransactionBuilder

    source = Account(account_of(secret), sequence - 1)  # The builder takes the number after it.
    builder = TransactionBuilder(source, network_passphrase=network.passphrase, base_fee=FEE)
    builder.add_hash_memo(memo).append_manage_data_op(name, value).add_time_bounds(0, ends_at)
    envelope = builder.build()
    envelope.sign(secret)
    return Signed(envelope.to_xdr(), envelope.hash_hex())


def opened(envelope: str, network: Network) -> Opened:
    """Return what a transaction on a network says.

    Raises:
        EnvelopeError: it is no such transaction, or not signed by its account.
    """
    from stellar_sdk import HashMemo, ManageData, TransactionEnvelope

    try:
        found = TransactionEnvelope.from_xdr(envelope, network.passphrase)
        transaction = found.transaction
    except (ValueError, TypeError, EOFError, AttributeError) as error:
        raise EnvelopeError("The text is no transaction of Stellar.") from error
    operations, bounds = transaction.operations, transaction.preconditions and transaction.preconditions.time_bounds
    match transaction.memo, operations:
        case HashMemo(memo_hash=memo), [ManageData(data_name=name, data_value=bytes(value), source=None)] if bounds:
            account = transaction.source.account_id
            _check_signature(found, account)
            return Opened(found.hash_hex(), account, transaction.sequence, bounds.max_time, memo, name, value)
    raise EnvelopeError("The transaction does something else.")


def _check_signature(envelope: "TransactionEnvelope", account: str) -> None:
    from stellar_sdk import Keypair
    from stellar_sdk.exceptions import BadSignatureError

    pair = Keypair.from_public_key(account)
    for signature in envelope.signatures:
        try:
            pair.verify(envelope.hash(), signature.signature)
        except BadSignatureError:
            continue
        return
    raise EnvelopeError("The transaction is not signed by its account.")
