"""What can go wrong on the way to Twilio: one of three things.

Creating a message or call is not idempotent (Twilio docs, error 20500), so what to do next depends on whether the
request may have been carried out: `Refused` never was and never will be, `Unavailable` was not this time, `Uncertain`
may have been and must be looked up before it is made again.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NoReturn

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.response import Response
from urllib3.exceptions import NewConnectionError

SERVER_ERROR = 500
RETRY_AFTER = timedelta(seconds=1)


class Refused(Exception):
    """Twilio will not do this; asking again changes nothing. `code` is Twilio's error code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Twilio refused with error {code}")
        self.code = code


class Unavailable(Exception):
    """Twilio did not take the request; it may be made again after `retry_after`."""

    def __init__(self, why: str, retry_after: timedelta = RETRY_AFTER) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class Uncertain(Exception):
    """The request may have been carried out: the answer was lost, late or a server error."""


class translated:  # noqa: N801  reads as a verb in `with`
    """Turns what the library raises into `Refused`, `Unavailable` or `Uncertain`."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: object) -> None:
        match fault:
            case TwilioRestException():
                _translate_answer(fault)
            case TwilioException():
                _translate_list(fault)
            case requests.ConnectionError():
                _translate_connection(fault)
            case requests.RequestException():
                raise Uncertain(f"no answer from Twilio: {type(fault).__name__}") from None
            case _:
                return


def refuse_failed(answer: requests.Response) -> None:
    """The same for an answer asked for without the library."""
    if answer.status_code >= SERVER_ERROR:
        raise Unavailable(f"Twilio answered {answer.status_code}")
    if not answer.ok:
        raise Refused(answer.status_code)


def _translate_answer(fault: TwilioRestException) -> NoReturn:
    if fault.status >= SERVER_ERROR:
        raise Uncertain(f"Twilio answered {fault.status}") from None
    raise Refused(int(fault.code or fault.status)) from None


def _translate_list(fault: TwilioException) -> NoReturn:
    """A list that was not given: the library raises another kind there, with the response in it."""
    response = next((part for part in fault.args if isinstance(part, Response)), None)
    if response is None or response.status_code >= SERVER_ERROR:
        raise Uncertain("Twilio gave no list") from None
    raise Refused(response.status_code) from None


def _translate_connection(fault: requests.ConnectionError) -> NoReturn:
    reason = getattr(fault.args[0], "reason", None) if fault.args else None
    if isinstance(fault, requests.ConnectTimeout) or isinstance(reason, NewConnectionError):
        raise Unavailable("Twilio cannot be reached") from None
    raise Uncertain("the connection to Twilio broke") from None


def retry_after(headers: Mapping[str, str] | None) -> timedelta:
    """How long Twilio asks to wait; a second where it does not say in seconds."""
    raw = (headers or {}).get("Retry-After", "")
    return timedelta(seconds=float(raw)) if raw.replace(".", "", 1).isdecimal() else RETRY_AFTER
