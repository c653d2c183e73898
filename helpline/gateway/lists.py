"""Twilio's own lists of what it had for the helpline, to compare with what the line has seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.missed import MissedCall, MissedText
from helpline.arrival import CALL_OVER
from helpline.gateway.failures import translated
from helpline.gateway.rest import Gateway

PAGE, MOST_LISTED = 1000, 20_000  # Twilio gives a thousand records at a time


@dataclass(frozen=True, slots=True)
class Lists:
    """Reads Twilio's lists. Each may raise `gateway.Refused`, `Unavailable` or `Uncertain`."""

    gateway: Gateway

    def text_status(self, sid: str) -> tuple[str, str]:
        """Twilio's word for how a text stands, and its error code if there is one."""
        with translated():
            message = self.gateway.client.messages(sid).fetch()
        return str(message.status), str(message.error_code or "")

    def incoming_texts(self, since: datetime) -> tuple[MissedText, ...]:
        """Every text Twilio has had for the helpline since then, oldest first."""
        with translated():
            found = self.gateway.client.messages.list(
                to=self.gateway.number, date_sent_after=since, limit=MOST_LISTED, page_size=PAGE
            )
        return tuple(
            MissedText(str(m.sid), str(m.from_ or ""), str(m.body or ""), m.date_created, int(m.num_media or 0))
            for m in reversed(found)
            if m.direction == "inbound" and m.date_created is not None and m.date_created >= since
        )

    def incoming_calls(self, since: datetime) -> tuple[MissedCall, ...]:
        """Every call to the helpline since then, oldest first. Twilio may take only whole days here."""
        with translated():
            found = self.gateway.client.calls.list(
                to=self.gateway.number, start_time_after=since, limit=MOST_LISTED, page_size=PAGE
            )
        return tuple(
            MissedCall(str(c.sid), _caller_of(c), c.date_created, over=str(c.status) in CALL_OVER)
            for c in reversed(found)
            if c.direction == "inbound" and c.date_created is not None and c.date_created >= since
        )

    def put_through(self, call_sid: str) -> bool:
        """Whether a call of a caller was joined to somebody, as the fallback documents do without the line."""
        with translated():
            legs = self.gateway.client.calls.list(parent_call_sid=call_sid, limit=20)
        return any(str(leg.status) == "completed" and int(leg.duration or 0) > 0 for leg in legs)

    def call_status(self, sid: str) -> str:
        """Twilio's word for how a call stands."""
        return self.gateway.call_status(sid)


def _caller_of(call: Any) -> str:
    """Who called: the library has no public name for `from` on a call (twilio 9.13)."""
    return str(vars(call).get("_from") or "")
