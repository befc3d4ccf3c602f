"""Answers of a Horizon: the good ones are understood, the bad ones are named, and none is repeated."""

from collections.abc import Iterator
from typing import Any

import pytest

from attendance.stellar import horizon as client
from attendance.stellar.horizon import Horizon, HorizonError, Trouble
from attendance.stellar.networks import NETWORKS
from tests.ledger.anchoring import ACCOUNT, SECRET
from tests.servers.horizon import StubHorizon, running_horizon

ROOT = {
    "network_passphrase": NETWORKS["testnet"].passphrase,
    "history_latest_ledger_closed_at": "2026-07-20T10:00:00Z",
    "history_elder_ledger": 7,
}
TAKEN = {"hash": "a" * 64, "ledger": 5, "successful": True, "envelope_xdr": "AAAA"}


@pytest.fixture
def stub() -> Iterator[StubHorizon]:
    with running_horizon() as running:
        yield running


@pytest.fixture
def horizon(stub: StubHorizon) -> Horizon:
    return Horizon(stub.address, NETWORKS["testnet"])


def test_it_tells_how_far_it_knows_the_network(horizon: Horizon, stub: StubHorizon) -> None:
    stub.canned["GET"] = 200, ROOT
    tip = horizon.tip()
    assert (tip.closed_at.isoformat(), tip.elder) == ("2026-07-20T10:00:00+00:00", 7)


@pytest.mark.parametrize("changed", [{name: value} for name in ROOT for value in (None, [], {"a": 1})])
def test_a_root_that_lacks_something_is_strange(horizon: Horizon, stub: StubHorizon, changed: dict[str, Any]) -> None:
    stub.canned["GET"] = 200, ROOT | changed
    with pytest.raises(HorizonError) as found:
        horizon.tip()
    assert found.value.trouble == Trouble.STRANGE


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-07-20T10:00:00", "2026-07-20T25:00:00Z"])
def test_a_moment_has_a_zone(horizon: Horizon, stub: StubHorizon, moment: str) -> None:
    stub.canned["GET"] = 200, ROOT | {"history_latest_ledger_closed_at": moment}
    with pytest.raises(HorizonError, match="no moment"):
        horizon.tip()


@pytest.mark.parametrize("sequence", ["", "-1", "1e3", "9" * 20, "٧", 5, None])
def test_a_number_is_written_in_digits(horizon: Horizon, stub: StubHorizon, sequence: Any) -> None:
    stub.canned["GET"] = 200, {"sequence": sequence}
    with pytest.raises(HorizonError, match="strange"):
        horizon.sequence_of(ACCOUNT)


@pytest.mark.parametrize(
    "changed", [{"hash": "A" * 64}, {"hash": "a"}, {"ledger": "5"}, {"successful": "yes"}, {"envelope_xdr": None}]
)
def test_a_transaction_is_whole(horizon: Horizon, stub: StubHorizon, changed: dict[str, Any]) -> None:
    stub.canned["GET"] = 200, TAKEN | changed
    with pytest.raises(HorizonError, match="strange"):
        horizon.transaction("a" * 64)


CODES = [
    ({"transaction": "tx_bad_seq"}, Trouble.TAKEN_NUMBER, "tx_bad_seq"),
    ({"transaction": "tx_failed", "operations": ["op_low_reserve"]}, Trouble.NO_FUNDS, "tx_failed op_low_reserve"),
    ({"transaction": "tx_bad_auth"}, Trouble.REFUSED, "tx_bad_auth"),
    ({"transaction": "<b>you</b>"}, Trouble.STRANGE, "status 400"),
    ({"transaction": 5, "operations": "all"}, Trouble.STRANGE, "status 400"),
    ([], Trouble.STRANGE, "status 400"),
]


@pytest.mark.parametrize(("codes", "trouble", "detail"), CODES)
def test_a_refusal_is_told_by_its_codes(
    horizon: Horizon, stub: StubHorizon, codes: object, trouble: Trouble, detail: str
) -> None:
    stub.canned["POST"] = 400, {"title": "Transaction Failed", "extras": {"result_codes": codes}}
    with pytest.raises(HorizonError) as found:
        horizon.submit("AAAA")
    assert (found.value.trouble, found.value.detail) == (trouble, detail)


def test_what_is_not_there_is_no_fault(horizon: Horizon, stub: StubHorizon) -> None:
    assert horizon.transaction("a" * 64) is None and horizon.sequence_of(ACCOUNT) is None
    assert horizon.sequence_of(stub.funded(SECRET)) == stub.accounts[ACCOUNT].sequence


def test_an_answer_without_end_is_cut_off(horizon: Horizon, stub: StubHorizon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST_ANSWER", 10)
    with pytest.raises(HorizonError, match="strange: an answer of more than 10 bytes"):
        horizon.tip()
