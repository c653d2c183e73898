"""How long each class of record is kept (the operator's counsel sets the final figures)."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    """Time to live by class; every personal key in Redis carries one of these."""

    free_text: timedelta = timedelta(days=30)
    session: timedelta = timedelta(days=30)
    closed_case: timedelta = timedelta(days=90)
    caller: timedelta = timedelta(days=90)
    contact: timedelta = timedelta(days=90)
    carrier: timedelta = timedelta(hours=48)  # Twilio's own copies: two days for comparing its lists with ours
    erase: timedelta = timedelta(days=30)  # a deletion the carrier keeps refusing; Twilio finishes within 14 days
    voicemail: timedelta = timedelta(days=7)
    waits: timedelta = timedelta(days=90)
    reply: timedelta = timedelta(hours=24)  # Twilio's retries and fallbacks come within seconds; replays later
