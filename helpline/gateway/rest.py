"""The only way out to Twilio: texts, calls, and changes to calls. What can go wrong is in `failures`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from helpline.gateway.failures import Refused, Unavailable, refuse_failed, retry_after, translated

TWILIO = "https://api.twilio.com"
HOSTS = (TWILIO, "https://messaging.twilio.com")  # all that is asked; another address stands for all of them
CONNECT_S, READ_S = 3.0, 8.0  # twilio-python has no time limit of its own, and a hung socket would hold the worker
TOO_MANY = 429
NOT_IN_PROGRESS = 21220  # the call is already over
NOT_FOUND = 20404
OPTED_OUT = 21610
OPEN_ROOMS = ("init", "in-progress")  # a conference begins with its second participant (Twilio docs, Conference)
PIECE = 64 * 1024
LARGEST_SOUND = 8 * 1024 * 1024  # bytes; three minutes are 2.9 MB
RECORDING = re.compile(r"RE[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Where Twilio reports on what it was asked; the addresses carry our own ids and are signed."""

    status: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom people see: the helpline's number, and the Messaging Service its texts go out through, if there is one."""

    number: str
    service: str = ""


class Machine(StrEnum):
    """What to find out about who picked up, in Twilio's words; it takes some seconds and is a guess."""

    ANY = ""
    NOTICE = "Enable"  # tell at once
    AFTER_THE_TONE = "DetectMessageEnd"  # tell when a message can be left


class Gateway:
    """Talks to Twilio, or to whatever speaks its language at `api_url`."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        api_url: str,
        sender: Sender,
        *,
        no_texts_to: Callable[[str], bool],
        blocked: Callable[[str], None],
    ) -> None:
        """`no_texts_to` says who has opted out and is asked before every text; `blocked` hears of it from Twilio."""
        self.number = sender.number
        self._through = {"messaging_service_sid": sender.service} if sender.service else {}
        self._no_texts_to = no_texts_to
        self._blocked = blocked
        self._credentials = (account_sid, auth_token)
        self._recordings = f"{api_url.rstrip('/')}/2010-04-01/Accounts/{account_sid}/Recordings"
        self.client = Client(account_sid, auth_token, http_client=_Http(api_url))

    def text(self, to: str, body: str, callbacks: Callbacks, *, valid_for: timedelta | None = None) -> str:
        """Send a text from the helpline's number; gives Twilio's sid. Who has opted out is refused as Twilio would.

        Raises:
            Refused, Unavailable, Uncertain: as `failures` says.

        """
        more: dict[str, Any] = {} if valid_for is None else {"validity_period": int(valid_for.total_seconds())}
        if self._no_texts_to(to):
            raise Refused(OPTED_OUT)
        try:
            with translated():
                message = self.client.messages.create(
                    to=to,
                    from_=self.number,
                    body=body,
                    status_callback=callbacks.status,
                    **self._through,
                    **more,
                )
        except Refused as refused:
            if refused.code == OPTED_OUT:
                self._blocked(to)
            raise
        return str(message.sid)

    def ring(self, to: str, callbacks: Callbacks, *, ring_for: timedelta, machine: Machine = Machine.ANY) -> str:
        """Call a phone showing the helpline's number; when answered, Twilio asks `callbacks.answer` what to say.

        `machine`: whether Twilio is to find out first that an answering machine picked up.

        Raises:
            Refused, Unavailable, Uncertain: as `failures` says.

        """
        with translated():
            call = self.client.calls.create(
                to=to,
                from_=self.number,
                url=callbacks.answer,
                method="POST",
                status_callback=callbacks.status,
                status_callback_method="POST",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                timeout=max(5, int(ring_for.total_seconds())),
                **({} if machine is Machine.ANY else {"machine_detection": machine.value}),
            )
        return str(call.sid)

    def say(self, to: str, document: str) -> str:
        """Call a phone and run this document, which needs no web server of ours.

        Raises:
            Refused, Unavailable, Uncertain: as `failures` says.

        """
        with translated():
            return str(self.client.calls.create(to=to, from_=self.number, twiml=document).sid)

    def cancel(self, call_sid: str) -> None:
        """Stop a call that still rings; one that was picked up or is over is left alone."""
        self._update(call_sid, {"status": "canceled"})

    def redirect(self, call_sid: str, url: str) -> None:
        """Send a live call to another document; a call already over is fine."""
        self._update(call_sid, {"url": url, "method": "POST"})

    def call_status(self, call_sid: str) -> str:
        """Twilio's word for how a call stands."""
        with translated():
            return str(self.client.calls(call_sid).fetch().status)

    def in_room(self, name: str) -> tuple[str, ...]:
        """The sids of the calls that are in the room of this name now."""
        with translated():
            rooms = [
                room
                for status in OPEN_ROOMS
                for room in self.client.conferences.list(friendly_name=name, status=status, limit=5)
            ]
            return tuple(str(one.call_sid) for room in rooms for one in room.participants.list(limit=5))

    def let_leave(self, name: str, call_sid: str) -> None:
        """From now on this call can leave the room of this name without ending it."""
        with translated():
            for room in self.client.conferences.list(friendly_name=name, status="in-progress", limit=5):
                room.participants(call_sid).update(end_conference_on_exit=False)

    def recording(self, recording_sid: str) -> bytes:
        """The sound of a recording, as a WAV file.

        Raises:
            Refused: there is none, or not yet.
            Unavailable, Uncertain: as `failures` says.

        """
        if not RECORDING.fullmatch(recording_sid):  # it stands in an address, and it came in a form
            raise Refused(NOT_FOUND)
        sound = bytearray()
        address = f"{self._recordings}/{recording_sid}.wav"
        limits = (CONNECT_S, READ_S)
        with translated(), requests.get(address, auth=self._credentials, timeout=limits, stream=True) as answer:
            refuse_failed(answer)
            for piece in answer.iter_content(PIECE):
                sound += piece
                if len(sound) > LARGEST_SOUND:
                    raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return bytes(sound)

    def delete_recording(self, recording_sid: str) -> None:
        """Delete a recording at the carrier; one that is gone already is fine."""
        try:
            with translated():
                self.client.recordings(recording_sid).delete()
        except Refused as refused:
            if refused.code != NOT_FOUND:
                raise

    def find_texts(self, to: str, since: datetime) -> tuple[Mapping[str, Any], ...]:
        """Texts sent from the helpline's number to `to` since then, as sid, body and creation time.

        Twilio's own filter goes by the time of sending, which a text that still waits does not have.
        """
        with translated():
            found = self.client.messages.list(to=to, from_=self.number, limit=50)
        return tuple(
            {"sid": m.sid, "body": m.body, "status": m.status, "at": m.date_created, "error": m.error_code}
            for m in found
            if m.date_created is not None and m.date_created >= since
        )

    def find_calls(self, to: str, since: datetime) -> tuple[Mapping[str, Any], ...]:
        """Calls made from the helpline's number to `to` since then, as sid and creation time."""
        with translated():
            found = self.client.calls.list(to=to, from_=self.number, start_time_after=since, limit=50)
        return tuple({"sid": one.sid, "at": one.date_created} for one in found)

    def _update(self, call_sid: str, change: Mapping[str, str]) -> None:
        try:
            with translated():
                self.client.calls(call_sid).update(**change)
        except Refused as refused:
            if refused.code not in {NOT_IN_PROGRESS, NOT_FOUND}:
                raise


class _Http(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's client with time limits, pointed at the configured address, giving 429 its Retry-After."""

    def __init__(self, api_url: str) -> None:
        super().__init__(timeout=CONNECT_S)
        self.timeout = (CONNECT_S, READ_S)
        self._api_url = api_url.rstrip("/")

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self._api_url != TWILIO:
            url = next((url.replace(host, self._api_url, 1) for host in HOSTS if url.startswith(host)), url)
        answer: Response = super().request(method, url, *args, **kwargs)
        self._test_only_last_request = None  # it would keep the last text and number in memory
        if answer.status_code == TOO_MANY:
            raise Unavailable("Twilio asks to slow down (429)", retry_after(answer.headers))
        return answer
