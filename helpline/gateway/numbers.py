"""The helpline's number at Twilio: what it can do, and where it sends what arrives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpline.gateway.failures import translated
from helpline.gateway.rest import Gateway

FIELDS = (
    "sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method",
    "voice_url", "voice_method", "voice_fallback_url", "voice_fallback_method",
    "status_callback", "status_callback_method",
)  # fmt: skip
"""What `helpline provision` sets; the rest of the number is the owner's."""

BLOCKED = {30034: "the number is not registered for A2P 10DLC", 30032: "the toll-free number is not verified"}
"""Errors by which US carriers tell that they drop every text of this number (Twilio's error pages)."""


@dataclass(frozen=True, slots=True)
class NumberAtTwilio:
    """One number of the account."""

    sid: str
    number: str
    sms: bool
    voice: bool
    webhooks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Reads and sets numbers. Each may raise `gateway.Refused`, `Unavailable` or `Uncertain`."""

    gateway: Gateway

    def ours(self) -> tuple[NumberAtTwilio, ...]:
        """The helpline's number, if this account has it; one or none."""
        with translated():
            found = self.gateway.client.incoming_phone_numbers.list(phone_number=self.gateway.number, limit=20)
        return tuple(_read(one) for one in found if one.phone_number == self.gateway.number)

    def others(self) -> tuple[str, ...]:
        """The numbers this account has, to tell whoever looks for another one."""
        with translated():
            return tuple(str(one.phone_number) for one in self.gateway.client.incoming_phone_numbers.list(limit=20))

    def set(self, sid: str, webhooks: Mapping[str, str]) -> NumberAtTwilio:
        """Set webhooks; gives the number as it then is."""
        with translated():
            return _read(self.gateway.client.incoming_phone_numbers(sid).update(**webhooks))

    def blocked(self) -> frozenset[int]:
        """Errors of the last texts which say that carriers drop all of them."""
        with translated():
            sent = self.gateway.client.messages.list(from_=self.gateway.number, limit=50)
        return frozenset(int(one.error_code) for one in sent if one.error_code and int(one.error_code) in BLOCKED)


def _read(number: Any) -> NumberAtTwilio:
    able = number.capabilities or {}
    return NumberAtTwilio(
        sid=str(number.sid),
        number=str(number.phone_number),
        sms=bool(able.get("sms")),
        voice=bool(able.get("voice")),
        webhooks={name: str(getattr(number, name) or "") for name in FIELDS},
    )
