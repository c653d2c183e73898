"""Lets Twilio in and nobody else, and gives answers the content type Twilio needs."""

from collections.abc import Sequence
from http import HTTPStatus

import structlog
from flask import Response, request

from helpline.webhooks.signature import Signature

log = structlog.get_logger()


class Gate:
    """Checks each request before anything of it is used."""

    def __init__(self, tokens: Sequence[str], public_url: str) -> None:
        self._signature = Signature(tokens, public_url)

    def check(self) -> Response | None:
        """None lets the request pass; anything unsigned is refused without a word about it."""
        if self._signature.signed(request):
            return None
        log.warning("unsigned_request", path=request.path)
        return Response(status=HTTPStatus.FORBIDDEN)


def twiml(document: str) -> Response:
    """An answer Twilio runs; as text/plain it would be texted or read to the person."""
    return Response(document, mimetype="text/xml")


def nothing() -> Response:
    """The answer to a report: taken."""
    return Response(status=HTTPStatus.NO_CONTENT)
