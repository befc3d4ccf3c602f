"""Anchoring switched on: a Horizon on this machine, and an account there whose secret key lies in a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from stellar_sdk import Keypair

from tests.servers.horizon import StubHorizon, running_horizon

SECRET = Keypair.from_raw_ed25519_seed(bytes(range(32))).secret
ACCOUNT = Keypair.from_secret(SECRET).public_key


@pytest.fixture
def horizon(settings: Settings, tmp_path: Path) -> Iterator[StubHorizon]:
    """A Horizon that knows our account, and settings that lead to both."""
    key_file = tmp_path / "stellar.secret"
    key_file.write_text(f"{SECRET}\n", "ascii")
    with running_horizon() as stub:
        stub.funded(SECRET)
        settings.STELLAR_NETWORK = "testnet"
        settings.STELLAR_SECRET_KEY_FILE = str(key_file)
        settings.STELLAR_HORIZON_URL = stub.address
        yield stub
