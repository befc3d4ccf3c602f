"""Redeeming a code for an ID token, and believing it only after every check (OpenID Connect Core 1.0, 3.1.3)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx
import jwt
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables

from attendance.sign_in.openid.attempts import Attempt
from attendance.sign_in.openid.failures import Failure, OpenIdError
from attendance.sign_in.openid.fetch import fetch_json
from attendance.sign_in.openid.provider import Metadata, Provider, key_of

# Signatures with a public key only: one made with a shared secret could be made from the published key.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CLOCK_DIFFERENCE = 60
"""Seconds by which the provider's clock may differ from ours."""
LONGEST_SUBJECT = 255
LONGEST_NUMBER = 40


@dataclass(frozen=True)
class Claims:
    """Whom the provider vouches for: its own name for the person, and the person's number, empty when it tells none."""

    issuer: str
    subject: str
    number: str


@sensitive_variables("code", "form", "answer", "token")
def redeem(provider: Provider, metadata: Metadata, attempt: Attempt, *, code: str, answer_to: str) -> Claims:
    """Return whom a code stands for.

    Raises:
        OpenIdError: the provider does not answer, refuses the code, or sends a token that is not to be believed.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": answer_to,
        "code_verifier": attempt.verifier,
    }
    auth = None
    if metadata.takes_basic:
        # RFC 6749, section 2.3.1: both are encoded like a form's fields first.
        auth = httpx.BasicAuth(quote_plus(provider.client_id), quote_plus(provider.client_secret))
    else:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    answer = fetch_json(metadata.token_endpoint, form=form, auth=auth)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise OpenIdError(Failure.BROKEN, "no ID token")
    return claims_of(provider, metadata, token, nonce=attempt.nonce)


@sensitive_variables("token")
def claims_of(provider: Provider, metadata: Metadata, token: str, *, nonce: str) -> Claims:
    """Return what an ID token says, when it was signed by the provider, for us, for this login, and not long ago.

    Raises:
        OpenIdError: UNTRUSTED, whichever of these it is not.
    """
    try:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise OpenIdError(Failure.UNTRUSTED, "an algorithm that is not allowed")
        claims = jwt.decode(
            token,
            key_of(metadata, header.get("kid"), algorithm),
            algorithms=ALGORITHMS,
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=CLOCK_DIFFERENCE,
            options={"require": ["iss", "sub", "aud", "exp", "iat"], "enforce_minimum_key_length": True},
        )
    except jwt.PyJWTError as error:
        raise OpenIdError(Failure.UNTRUSTED, type(error).__name__) from error
    _check_party(provider, claims)
    if not constant_time_compare(str(claims.get("nonce", "")), nonce):
        raise OpenIdError(Failure.UNTRUSTED, "another nonce")
    return Claims(provider.issuer, _subject(claims), _number(claims.get(provider.number_claim)))


def _check_party(provider: Provider, claims: dict[str, Any]) -> None:
    """Refuse a token that several may use unless it was made for us."""
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    party = claims.get("azp", None if several else provider.client_id)
    if party != provider.client_id:
        raise OpenIdError(Failure.UNTRUSTED, "made for another party")


def _subject(claims: dict[str, Any]) -> str:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise OpenIdError(Failure.UNTRUSTED, "no usable subject")
    return subject


def _number(claim: object) -> str:
    """Return the number in a claim; some providers send it as a JSON number."""
    number = str(claim).strip() if isinstance(claim, str | int) and not isinstance(claim, bool) else ""
    return number if len(number) <= LONGEST_NUMBER else ""
