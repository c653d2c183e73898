"""The Twilio account: its credentials and the numbers it owns."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from emulator.identifiers import new_sid
from emulator.settings import NumberSettings, Settings
from emulator.webhooks import Hook


@dataclass(slots=True)
class Number:
    """A Twilio phone number with the webhooks set on it. Field names are Twilio's own."""

    phone_number: str
    date_created: datetime
    date_updated: datetime
    sid: str = field(default_factory=lambda: new_sid("PN"))
    friendly_name: str = ""
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"

    @property
    def sms_hook(self) -> Hook | None:
        return Hook.maybe(self.sms_url, self.sms_method)

    @property
    def sms_fallback(self) -> Hook | None:
        return Hook.maybe(self.sms_fallback_url, self.sms_fallback_method)

    @property
    def voice_hook(self) -> Hook | None:
        return Hook.maybe(self.voice_url, self.voice_method)

    @property
    def voice_fallback(self) -> Hook | None:
        return Hook.maybe(self.voice_fallback_url, self.voice_fallback_method)

    @property
    def status_hook(self) -> Hook | None:
        return Hook.maybe(self.status_callback, self.status_callback_method)


class Account:
    """One account with one auth token."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.sid, self.created = settings.account_sid, now
        self.auth_token = settings.auth_token
        self.numbers: dict[str, Number] = {}
        for chosen in settings.numbers:
            self.add_number(chosen, now)

    def accepts(self, user: str, password: str) -> bool:
        """Return whether HTTP basic credentials are this account's."""
        return hmac.compare_digest(user.encode(), self.sid.encode()) and hmac.compare_digest(
            password.encode(), self.auth_token.encode()
        )

    def add_number(self, chosen: NumberSettings, now: datetime) -> Number:
        number = Number(
            phone_number=chosen.number,
            date_created=now,
            date_updated=now,
            friendly_name=chosen.number,
            sms_url=chosen.sms_url,
            sms_fallback_url=chosen.sms_fallback_url,
            voice_url=chosen.voice_url,
            voice_fallback_url=chosen.voice_fallback_url,
            status_callback=chosen.status_callback,
        )
        self.numbers[number.sid] = number
        return number

    def owned(self, e164: str) -> Number | None:
        """Return the account's number written `e164`, if it owns it."""
        return next((number for number in self.numbers.values() if number.phone_number == e164), None)
