"""The Messaging Service a line may send through: who its senders are, and where it sends what arrives.

A number that is a sender of one has no say of its own in where texts to it go, unless the service leaves that to the
number (Twilio docs, Services resource: `UseInboundWebhookOnNumber`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpline.gateway.failures import Refused, translated
from helpline.gateway.rest import NOT_FOUND, Gateway

FIELDS = ("inbound_request_url", "inbound_method", "fallback_url", "fallback_method", "use_inbound_webhook_on_number")
"""What `helpline provision` sets; the rest of the service is the owner's."""

LEFT_TO_NUMBER = "use_inbound_webhook_on_number"
MOST_SERVICES, MOST_SENDERS = 20, 400


@dataclass(frozen=True, slots=True)
class ServiceAtTwilio:
    """One Messaging Service of the account."""

    sid: str
    name: str
    senders: frozenset[str]
    webhooks: Mapping[str, str]
    registered: bool = False  # for A2P 10DLC, which US carriers ask of local numbers

    @property
    def takes_texts(self) -> bool:
        """Whether texts to its senders go where the service says."""
        return self.webhooks[LEFT_TO_NUMBER] != "true"


@dataclass(frozen=True, slots=True)
class MessagingServices:
    """Reads and sets services. Each may raise `gateway.Refused`, `Unavailable` or `Uncertain`."""

    gateway: Gateway

    def one(self, sid: str) -> ServiceAtTwilio | None:
        """The service of this sid, if this account has it."""
        try:
            with translated():
                return self._read(self._all(sid).fetch())
        except Refused as fault:
            if fault.code == NOT_FOUND:
                return None
            raise

    def with_our_number(self) -> ServiceAtTwilio | None:
        """The service whose sender the helpline's number is, if it is in one of the first of this account."""
        with translated():
            every = [self._read(one) for one in self._all.list(limit=MOST_SERVICES)]
        return next((service for service in every if self.gateway.number in service.senders), None)

    def set(self, sid: str, webhooks: Mapping[str, str]) -> ServiceAtTwilio:
        """Set webhooks; gives the service as it then is."""
        given: dict[str, Any] = dict(webhooks)
        if LEFT_TO_NUMBER in given:
            given[LEFT_TO_NUMBER] = given[LEFT_TO_NUMBER] == "true"
        with translated():
            return self._read(self._all(sid).update(**given))

    @property
    def _all(self) -> Any:
        return self.gateway.client.messaging.v1.services

    def _read(self, service: Any) -> ServiceAtTwilio:
        senders = self._all(service.sid).phone_numbers.list(limit=MOST_SENDERS)
        return ServiceAtTwilio(
            sid=str(service.sid),
            name=str(service.friendly_name),
            senders=frozenset(str(sender.phone_number) for sender in senders),
            webhooks={name: _plain(getattr(service, name)) for name in FIELDS},
            registered=bool(service.us_app_to_person_registered),
        )


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value or "")
