"""One text message and its life."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from emulator.identifiers import new_sid
from emulator.segments import segments
from emulator.webhooks import Hook


class MessageStatus(StrEnum):
    """Twilio's message statuses."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    RECEIVING = "receiving"
    RECEIVED = "received"


FINAL = frozenset(
    {
        MessageStatus.DELIVERED,
        MessageStatus.UNDELIVERED,
        MessageStatus.FAILED,
        MessageStatus.CANCELED,
        MessageStatus.RECEIVED,
    }
)


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or other file sent with a message: at `url`, or kept here as `data`."""

    url: str
    content_type: str = "image/jpeg"
    data: bytes = b""
    sid: str = field(default_factory=lambda: new_sid("ME"))


@dataclass(slots=True)
class Message:
    """A message in either direction, with Twilio's field names."""

    from_: str
    to: str
    body: str
    direction: str  # inbound, outbound-api, outbound-reply, outbound-call
    status: MessageStatus
    date_created: datetime
    date_updated: datetime
    media: tuple[Media, ...] = ()
    status_hook: Hook | None = None
    date_sent: datetime | None = None
    error_code: int | None = None
    error_message: str | None = None
    messaging_service_sid: str | None = None
    sid: str = ""
    num_segments: int = 0
    validity_s: int = 36000
    send_at: datetime | None = None
    received: tuple[str, tuple[Media, ...]] = ("", ())  # what the telephone shows, redacted or not
    at_once: asyncio.Event = field(default_factory=asyncio.Event)  # set by the fault that makes callbacks early

    def __post_init__(self) -> None:
        self.received = (self.body, self.media)
        self.sid = self.sid or new_sid("MM" if self.media else "SM")
        self.num_segments = self.num_segments or segments(self.body).count

    @property
    def final(self) -> bool:
        return self.status in FINAL
