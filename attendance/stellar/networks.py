"""The networks of Stellar: what their transactions are signed for, who speaks for them, where people look at them.

See https://developers.stellar.org/docs/networks for the names by which they are signed.
"""

from typing import NamedTuple


class Network(NamedTuple):
    """One network.

    Attributes:
        passphrase: what every signature on it covers, so that a transaction counts nowhere else.
        horizon: a public Horizon, the server that answers for the network over HTTP.
        explorer: where people look transactions up.
    """

    passphrase: str
    horizon: str
    explorer: str


NETWORKS = {
    "testnet": Network(
        "Test SDF Network ; September 2015",
        "https://horizon-testnet.stellar.org",
        "https://stellar.expert/explorer/testnet",
    ),
    "public": Network(
        "Public Global Stellar Network ; September 2015",
        "https://horizon.stellar.org",
        "https://stellar.expert/explorer/public",
    ),
}
