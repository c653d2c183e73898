"""Whether the line's public address leads to this line: asked as Twilio would ask, signed and unsigned."""

from dataclasses import dataclass
from http import HTTPStatus

import requests
from twilio.request_validator import RequestValidator

from config.settings import Settings

PATH = "/twilio/status/notice"  # takes a report and does nothing with one that names nothing
FORM = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "sent"}
TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Unreachable(Exception):
    """Twilio would not get through; says why and what to do."""

    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.what}. {self.mend}"


def probe(settings: Settings) -> None:
    """Ask the public address.

    Raises:
        Unreachable: nobody answers there, or somebody else does.

    """
    _probe(settings.public_url, settings.auth_tokens[0])


def _probe(base: str, token: str) -> None:
    url = f"{base}{PATH}"
    signature = RequestValidator(token).compute_signature(url, FORM)
    signed = _post(url, {"X-Twilio-Signature": signature})
    if signed == HTTPStatus.FORBIDDEN:
        raise Unreachable(
            f"{base} refuses what Twilio signs",
            "Its web server must have this PUBLIC_URL and this TWILIO_AUTH_TOKEN, and no proxy may change the path",
        )
    if signed not in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}:
        raise Unreachable(f"{base} answers {signed}", "Start the line, or lead this address to its web server")
    if _post(url, {}) != HTTPStatus.FORBIDDEN:
        raise Unreachable(f"{base} takes what nobody signed", "Something else answers there: lead it to the line")


def is_a_line(base: str, token: str) -> bool:
    """Whether a line answers at an address what Twilio sends there; one that takes it for another address does not."""
    try:
        _probe(base, token)
    except Unreachable:
        return False
    return True


def _post(url: str, headers: dict[str, str]) -> int:
    try:
        answer = requests.post(url, data=FORM, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as fault:
        raise Unreachable(
            f"{url.removesuffix(PATH)} cannot be reached from here ({type(fault).__name__})",
            "Start the line, or lead this address to its web server",
        ) from fault
    return answer.status_code
