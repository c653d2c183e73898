"""The X-Twilio-Signature, computed independently of any SDK (Twilio docs, Webhooks security)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from enum import Enum

Params = Mapping[str, str | Sequence[str]]


class Product(Enum):
    """Which Twilio product makes a request; they differ in how they sign a port."""

    VOICE = "voice"
    MESSAGING = "messaging"


def signature(token: str, url: str, params: Params, product: Product) -> str:
    """Return the header value for a request to `url` with the form `params` (empty for GET and JSON)."""
    signed = signed_url(url, product) + "".join(name + value for name, value in _pairs(params))
    digest = hmac.new(token.encode(), signed.encode(), "sha1").digest()
    return base64.b64encode(digest).decode()


def signed_url(url: str, product: Product) -> str:
    """Return `url` as Twilio signs it: no fragment, no user:password, and for voice over HTTPS no port."""
    without_fragment = url.partition("#")[0]
    scheme, separator, rest = without_fragment.partition("://")
    cut = min((rest.find(mark) for mark in "/?" if mark in rest), default=len(rest))
    host = rest[:cut].rpartition("@")[2]
    if product is Product.VOICE and scheme.lower() == "https":
        host = _without_port(host)
    return scheme + separator + host + rest[cut:]


def body_sha256(body: bytes) -> str:
    """Return the value of the `bodySHA256` query parameter that stands for a JSON body in the signature."""
    return hashlib.sha256(body).hexdigest()


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _pairs(params: Params) -> list[tuple[str, str]]:
    """Return every distinct value under its name, names in byte order, values sorted within a name."""
    pairs: list[tuple[str, str]] = []
    for name in sorted(params, key=str.encode):
        value = params[name]
        values = [value] if isinstance(value, str) else sorted(set(value))
        pairs.extend((name, item) for item in values)
    return pairs
