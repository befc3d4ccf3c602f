"""One login on its way to the provider and back: what ties the answer to the browser and to the question."""

import base64
import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta

import httpx
from django.core import signing
from django.utils.crypto import constant_time_compare

from attendance.sign_in.openid.failures import Failure, OpenIdError
from attendance.sign_in.openid.provider import Metadata, Provider

LIFETIME = timedelta(minutes=10)
LONGEST_NEXT = 1000
_SALT = "attendance.openid.attempt"


@dataclass(frozen=True)
class Attempt:
    """What only the browser that began knows: `state` comes back with the answer, `nonce` in the token.

    The verifier proves to the provider that whoever redeems the code is who asked for it (PKCE, RFC 7636).
    """

    state: str
    nonce: str
    verifier: str
    next_page: str


def new_attempt(next_page: str) -> Attempt:
    """Return an attempt that leads on to a page of ours; an address that no cookie can carry is left out."""
    return Attempt(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(32),
        next_page=next_page if len(next_page) <= LONGEST_NEXT else "",
    )


def sealed(attempt: Attempt) -> str:
    """Return an attempt as a signed text for a cookie of the browser."""
    return signing.dumps(asdict(attempt), salt=_SALT)


def unsealed(cookie: str, state: str) -> Attempt:
    """Return the attempt of a cookie, when the answer is the one to it.

    Raises:
        OpenIdError: the browser began nothing, too long ago, or something else.
    """
    try:
        attempt = Attempt(**signing.loads(cookie, salt=_SALT, max_age=LIFETIME))
    except signing.BadSignature as error:
        raise OpenIdError(Failure.STRAY, type(error).__name__) from error
    if not constant_time_compare(attempt.state, state):
        raise OpenIdError(Failure.STRAY, "another state")
    return attempt


def question(provider: Provider, metadata: Metadata, attempt: Attempt, answer_to: str) -> str:
    """Return the address at the provider to which the browser goes (OpenID Connect Core 1.0, section 3.1.2.1)."""
    digest = hashlib.sha256(attempt.verifier.encode()).digest()
    parameters = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": answer_to,
        "scope": provider.scope,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return str(httpx.URL(metadata.authorization_endpoint).copy_merge_params(parameters))
