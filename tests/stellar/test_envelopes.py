"""Transactions are made, signed, and opened again; nothing else opens."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stellar_sdk import Account, Asset, Keypair, TransactionBuilder

from attendance.stellar.envelopes import FEE, EnvelopeError, SecretError, Signed, account_of, opened, signed
from attendance.stellar.networks import NETWORKS
from tests.ledger.anchoring import ACCOUNT, SECRET

TESTNET, PUBLIC = NETWORKS["testnet"], NETWORKS["public"]
OTHER = Keypair.from_raw_ed25519_seed(bytes(32)).secret


def made(memo: bytes = bytes(32), value: bytes = b"value") -> Signed:
    return signed(secret=SECRET, network=TESTNET, sequence=7, ends_at=99, memo=memo, name="a name", value=value)


@given(memo=st.binary(min_size=32, max_size=32), value=st.binary(min_size=1, max_size=64))
def test_what_goes_in_comes_out(memo: bytes, value: bytes) -> None:
    transaction = made(memo, value)
    found = opened(transaction.envelope, TESTNET)
    assert found == (transaction.hash, ACCOUNT, 7, 99, memo, "a name", value)


def test_the_same_words_make_the_same_transaction() -> None:
    assert made() == made()


def test_a_transaction_counts_on_its_own_network_alone() -> None:
    with pytest.raises(EnvelopeError, match="not signed by its account"):
        opened(made().envelope, PUBLIC)


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_it_can_be_changed(place: int, bit: int) -> None:
    raw = bytearray(base64.b64decode(made().envelope))
    raw[place % len(raw)] ^= 1 << bit
    changed = base64.b64encode(raw).decode()
    try:
        found = opened(changed, TESTNET)
    except EnvelopeError:
        return
    # The hint beside a signature only says which key to try first.
    assert found == opened(made().envelope, TESTNET)


@given(text=st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
def test_any_other_text_is_none(text: str) -> None:
    with pytest.raises(EnvelopeError):
        opened(text, TESTNET)


def _builder() -> TransactionBuilder:
    return TransactionBuilder(Account(ACCOUNT, 6), TESTNET.passphrase, FEE).add_time_bounds(0, 99)


@pytest.mark.parametrize(
    "builder",
    [
        _builder().add_hash_memo(bytes(32)).append_payment_op(ACCOUNT, Asset.native(), "1"),
        _builder().add_text_memo("hello").append_manage_data_op("a name", b"value"),
        _builder().add_hash_memo(bytes(32)).append_manage_data_op("a name", None),
        _builder().add_hash_memo(bytes(32)).append_manage_data_op("a name", b"value", source=account_of(OTHER)),
        _builder().add_hash_memo(bytes(32)).append_manage_data_op("a", b"b").append_manage_data_op("c", b"d"),
    ],
)
def test_a_transaction_that_does_something_else_is_none(builder: TransactionBuilder) -> None:
    envelope = builder.build()
    envelope.sign(SECRET)
    with pytest.raises(EnvelopeError, match="something else"):
        opened(envelope.to_xdr(), TESTNET)


@pytest.mark.parametrize("text", ["", "S", SECRET[:-1], ACCOUNT, "ünlikely"])
def test_what_is_no_key_is_not_repeated(text: str) -> None:
    with pytest.raises(SecretError) as refusal:
        account_of(text)
    assert str(refusal.value) == "The text is no secret key of Stellar."
    assert refusal.value.__cause__ is None and refusal.value.__context__ is None
