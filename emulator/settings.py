"""What a person can choose when starting the emulator, and the pace of the world it plays."""

from dataclasses import dataclass, field
from datetime import datetime

DEFAULT_ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
DEFAULT_AUTH_TOKEN = "0" * 32
DEFAULT_NUMBER = "+15005550006"
DEFAULT_PORT = 8770


@dataclass(slots=True)
class Pace:
    """How fast people and networks are, in seconds of the emulator's clock. Changeable while running."""

    word_s: float = 0.01
    play_s: float = 0.05
    message_sent_s: float = 0.05
    message_delivered_s: float = 0.05
    ring_buffer_s: float = 5.0
    calls_per_second: float = 1.0
    segments_per_second: float = 0.0  # 0: no limit; a US long code sends one


@dataclass(frozen=True, slots=True)
class NumberSettings:
    """A Twilio number the account owns from the start, and the webhooks set on it."""

    number: str
    sms_url: str = ""
    voice_url: str = ""
    sms_fallback_url: str = ""
    voice_fallback_url: str = ""
    status_callback: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything fixed at start. `speed` 1 is real time, 10 ten times faster, 0 stepped by hand."""

    port: int = DEFAULT_PORT
    host: str = "127.0.0.1"
    account_sid: str = DEFAULT_ACCOUNT_SID
    auth_token: str = DEFAULT_AUTH_TOKEN
    numbers: tuple[NumberSettings, ...] = (NumberSettings(DEFAULT_NUMBER),)
    speed: float = 1.0
    start: datetime | None = None
    pace: Pace = field(default_factory=Pace)
