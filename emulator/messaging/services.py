"""Messaging Services: pools of senders with one webhook and one block list."""

from dataclasses import dataclass, field
from datetime import datetime

from emulator.identifiers import new_sid
from emulator.webhooks import Hook


@dataclass(slots=True)
class Service:
    """One service, with Twilio's field names. `numbers` maps each sender's SID to when it was added."""

    friendly_name: str
    date_created: datetime
    date_updated: datetime
    sid: str = field(default_factory=lambda: new_sid("MG"))
    inbound_request_url: str = ""
    inbound_method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_callback: str = ""
    use_inbound_webhook_on_number: bool = False
    smart_encoding: bool = True
    validity_period: int = 36000
    numbers: dict[str, datetime] = field(default_factory=dict)
    senders_used: dict[str, str] = field(default_factory=dict)  # recipient → sender, so that threads stay together

    @property
    def inbound(self) -> Hook | None:
        return Hook.maybe(self.inbound_request_url, self.inbound_method)

    @property
    def fallback(self) -> Hook | None:
        return Hook.maybe(self.fallback_url, self.fallback_method)


class Services:
    """All services of the account."""

    def __init__(self) -> None:
        self.all: dict[str, Service] = {}

    def of_number(self, number_sid: str) -> Service | None:
        """Return the service a number is a sender of."""
        return next((service for service in self.all.values() if number_sid in service.numbers), None)
