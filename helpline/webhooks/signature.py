"""Tells Twilio's requests from anybody else's (Twilio docs, "Webhooks security").

The address is built from PUBLIC_URL and the raw request target, never from the Host header: behind a proxy only the
operator knows the address Twilio was given, and Werkzeug's own `request.url` decodes what Twilio signed encoded.

Twilio's library (9.13) loses a `?` with nothing after it, splits a host at the first colon, compares without
`compare_digest`, and takes a twentieth of a turn to put the parameters together. So all of it is ours, and a property
holds that what is computed is what the library computes.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from flask import Request
from werkzeug.datastructures import MultiDict

HEADER = "X-Twilio-Signature"
JSON_BODY = "bodySHA256"  # Twilio signs a JSON body by its hash in the address; no address of ours takes one
DEFAULT_PORTS = {"https": 443, "http": 80}


class Signature:
    """Checks signatures with the present token and, while one is being changed, with the other."""

    def __init__(self, tokens: Sequence[str], public_url: str) -> None:
        """Take the tokens, present one first, and the address Twilio was given."""
        if not tokens or not all(tokens):
            raise ValueError("TWILIO_AUTH_TOKEN is empty: without it nobody's webhooks could be told from Twilio's")
        self._tokens = tuple(token.encode() for token in tokens)
        self._base = _Base.of(public_url)

    def signed(self, request: Request) -> bool:
        """Whether Twilio sent this form."""
        given = request.headers.get(HEADER, "").encode()
        if not given or JSON_BODY.encode() in request.query_string:
            return False
        sent = written(request.form)
        return any(
            hmac.compare_digest(signature(token, address + sent), given)
            for token in self._tokens
            for address in self._base.addresses(target(request))
        )


def written(form: MultiDict[str, str]) -> str:
    """The parameters as they are signed: by name, each value once."""
    return "".join(name + value for name, value in sorted(set(form.items(multi=True))))


def signature(token: bytes, signed: str) -> bytes:
    """What Twilio puts into the header for an address and the parameters after it."""
    return b64encode(hmac.digest(token, signed.encode(), "sha1"))


@dataclass(frozen=True, slots=True)
class _Base:
    """The part of an address before the request target, in the two forms Twilio signs: with its port and without."""

    forms: tuple[str, ...]

    @classmethod
    def of(cls, public_url: str) -> "_Base":
        parts = urlsplit(public_url.rstrip("/"))
        forms = (_without_port(parts), _with_port(parts))
        return cls(forms if parts.port is None else forms[::-1])  # as configured first: one signature is enough then

    def addresses(self, sent: str) -> tuple[str, ...]:
        """Every address that may have been signed; servers drop a `?` with nothing after it, Twilio signs it."""
        targets = (sent,) if "?" in sent else (sent, f"{sent}?")
        return tuple(form + one for form in self.forms for one in targets)


def target(request: Request) -> str:
    """The request target as it came over the wire: path, and query if there is one."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if raw and str(raw).startswith("/"):
        return str(raw)
    query = request.environ.get("QUERY_STRING", "")
    return request.path + (f"?{query}" if query else "")


def _host(parts: SplitResult) -> str:
    """The host as it is written, IPv6 brackets kept; user and password are never signed."""
    host = parts.netloc.rpartition("@")[2]
    return host.removesuffix(f":{parts.port}") if parts.port is not None else host


def _without_port(parts: SplitResult) -> str:
    return f"{parts.scheme}://{_host(parts)}{parts.path}"


def _with_port(parts: SplitResult) -> str:
    port = parts.port or DEFAULT_PORTS.get(parts.scheme, 443)
    return f"{parts.scheme}://{_host(parts)}:{port}{parts.path}"
