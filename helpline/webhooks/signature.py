"""Tells Twilio's requests from anybody else's (Twilio docs, "Webhooks security").

The address is built from PUBLIC_URL and the raw request target, never from the Host header: behind a proxy only the
operator knows the address Twilio was given, and Werkzeug's own `request.url` decodes what Twilio signed encoded.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from flask import Request
from twilio.request_validator import RequestValidator

HEADER = "X-Twilio-Signature"


class Signature:
    """Checks signatures with the present token and, while one is being changed, with the other."""

    def __init__(self, tokens: Sequence[str], public_url: str) -> None:
        """Take the tokens, present one first, and the address Twilio was given."""
        if not tokens or not all(tokens):
            raise ValueError("TWILIO_AUTH_TOKEN is empty: without it nobody's webhooks could be told from Twilio's")
        self._validators = tuple(RequestValidator(token) for token in tokens)
        self._base = _without_userinfo(public_url.rstrip("/"))

    def signed(self, request: Request) -> bool:
        """Whether Twilio sent this form."""
        given = request.headers.get(HEADER)
        if not given:
            return False
        url = self._base + target(request)
        return any(validator.validate(url, request.form, given) for validator in self._validators)


def target(request: Request) -> str:
    """The request target as it came over the wire: path, and query if there is one."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if raw and str(raw).startswith("/"):
        return str(raw)
    query = request.environ.get("QUERY_STRING", "")
    return request.path + (f"?{query}" if query else "")


def _without_userinfo(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
