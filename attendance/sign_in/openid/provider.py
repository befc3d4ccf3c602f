"""The institution's OpenID provider: what the settings say of it, and what it says of itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.conf import settings

from attendance import clock
from attendance.sign_in.openid.failures import Failure, OpenIdError
from attendance.sign_in.openid.fetch import fetch_json

KEPT_FOR = timedelta(minutes=10)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_KEY_TYPES = {"RSA", "EC", "OKP"}
_kept: dict[str, tuple[datetime, dict[str, Any]]] = {}
"""What a provider says of itself, by address: each process asks again after a while."""


@dataclass(frozen=True)
class Provider:
    """The settings: who vouches, as whom we ask, for which organisation, and which claim is a person's number."""

    issuer: str
    client_id: str
    client_secret: str
    organisation: str
    number_claim: str
    scope: str


@dataclass(frozen=True)
class Metadata:
    """Where a provider takes what, from its discovery document (OpenID Connect Discovery 1.0, section 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    takes_basic: bool
    names_itself: bool


def configured() -> Provider | None:
    """Return the provider of the settings; None when there is none."""
    if not settings.OIDC_ISSUER:
        return None
    return Provider(
        issuer=settings.OIDC_ISSUER,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        organisation=settings.OIDC_ORGANISATION,
        number_claim=settings.OIDC_NUMBER_CLAIM,
        scope=settings.OIDC_SCOPE,
    )


def metadata_of(provider: Provider) -> Metadata:
    """Return what the provider publishes about itself.

    Raises:
        OpenIdError: it does not answer, answers nonsense, speaks for another issuer, or names an unencrypted address.
    """
    found = _kept_json(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise OpenIdError(Failure.BROKEN, "the discovery document is another issuer's")
    # RFC 6749, section 2.3.1: a provider that says nothing takes HTTP Basic.
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Metadata(
        authorization_endpoint=_address(found, "authorization_endpoint"),
        token_endpoint=_address(found, "token_endpoint"),
        jwks_uri=_address(found, "jwks_uri"),
        takes_basic="client_secret_basic" in methods,
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(found: dict[str, Any], name: str) -> str:
    """Return an address of the discovery document; only this machine may be asked in the clear, in development."""
    address = found.get(name)
    parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
    here = parts.scheme == "http" and parts.hostname in _LOOPBACK and not settings.PRODUCTION
    if not parts.hostname or not (parts.scheme == "https" or here):
        raise OpenIdError(Failure.BROKEN, f"{name} is no encrypted address")
    return str(address)


def key_of(metadata: Metadata, key_id: str | None, algorithm: str) -> jwt.PyJWK:
    """Return the public key with which a token says it is signed; without an id, the only one there is.

    A key that names its algorithm is used with no other, and none is used with an algorithm of another kind of key.

    An unknown id is looked for once more in the document as it is now: providers change their keys.

    Raises:
        OpenIdError: there is no such key, or the provider does not tell.
        PyJWTError: the key is not for this algorithm, or is no key.
    """
    found = _key_in(_kept_json(metadata.jwks_uri), key_id)
    if found is None:
        _kept.pop(metadata.jwks_uri, None)
        found = _key_in(_kept_json(metadata.jwks_uri), key_id)
    if found is None:
        raise OpenIdError(Failure.UNTRUSTED, "the token is signed with an unknown key")
    return jwt.PyJWK(found, found.get("alg", algorithm))


def _key_in(document: dict[str, Any], key_id: str | None) -> dict[str, Any] | None:
    listed = document.get("keys")
    signing = [
        key
        for key in (listed if isinstance(listed, list) else [])
        if isinstance(key, dict) and key.get("kty") in _KEY_TYPES and key.get("use", "sig") == "sig"
    ]
    named = signing if key_id is None else [key for key in signing if key.get("kid") == key_id]
    return named[0] if len(named) == 1 else None


def _kept_json(address: str) -> dict[str, Any]:
    moment = clock.now()
    until, document = _kept.get(address, (moment, {}))
    if moment >= until:
        document = fetch_json(address)
        _kept[address] = moment + KEPT_FOR, document
    return document
