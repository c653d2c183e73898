"""What a test should not leave unexplained: errors Twilio would have logged, and messages nobody expected."""

from dataclasses import dataclass

from emulator.journal import Level, Query
from emulator.world import World

OWN_ADVICE = 0  # the code of what only this emulator remarks on
UNEXPECTED = -1  # the code of something that reached a telephone nobody set up


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing to explain: Twilio's error code or `UNEXPECTED`, and what it was about."""

    code: int
    text: str
    subject: str


def complaints(world: World) -> list[Complaint]:
    """Return everything to explain: failed and ill-answered callbacks, refused TwiML, defects, unexpected messages."""
    logged = [
        Complaint(int(record.data.get("code", 0)), str(record.data.get("text", record.data)), record.subject)
        for record in world.journal.find(Query())
        if record.kind in ("error", "emulator.defect")
        or (record.kind == "warning" and record.level is Level.WARNING and record.data["code"] != OWN_ADVICE)
    ]
    strangers = [phone for phone in world.phones.all() if not phone.expected and (phone.texts or phone.calls)]
    unexpected = [
        Complaint(UNEXPECTED, f"{phone.number} was reached, and nobody set it up: {_what(phone.texts)}", phone.number)
        for phone in strangers
    ]
    return logged + unexpected


def _what(texts: list[object]) -> str:
    return f"{len(texts)} texts" if texts else "a call"
