"""Whether another line answers the helpline's number.

A copy of a line, started with the account of the real one to try something, has an empty memory: every text of the last
hour would look missed to it, and it would answer them all and page staff.
"""

from collections.abc import Callable
from dataclasses import dataclass

from helpline.gateway.numbers import Numbers
from helpline.gateway.services import MessagingServices

HOOK = "/twilio/sms"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Asks Twilio where the number's texts go. May raise `gateway.Refused`, `Unavailable` or `Uncertain`."""

    numbers: Numbers
    services: MessagingServices
    answers: Callable[[str], bool]
    service: str
    public_url: str

    def line(self) -> str:
        """The address of another line that answers this number; empty where nobody does."""
        base, hook, _ = self._leads_to().partition(HOOK)
        other = bool(hook) and base != self.public_url
        return base if other and self.answers(base) else ""

    def _leads_to(self) -> str:
        service = self.services.one(self.service) if self.service else None
        if service is not None and service.takes_texts:
            return service.webhooks["inbound_request_url"]
        return next((number.webhooks["sms_url"] for number in self.numbers.ours()), "")
