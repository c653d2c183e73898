"""Free-text questions: answered when the match is sure, offered by number when it is not."""

from flows import faq, walking
from flows.definition import FaqEntry
from flows.reading import guess, plain
from flows.turn import OFFERED, TOLD, Turn


def answered(turn: Turn, text: str) -> Turn | None:
    """Answer a question, or offer two or three that it may be; None when it is none we know.

    A question plainly put in another language is answered in that language, and the conversation goes on in it.
    """
    language = guess(text, turn.flow.tongues, turn.session.language) or turn.session.language
    match faq.match(text, turn.flow.faq, language):
        case faq.Sure(entry):
            return told(turn.speaking(language), entry)
        case faq.Unsure(entries):
            return _offer(turn.speaking(language), entries)
        case _:
            return None


def told(turn: Turn, entry: FaqEntry) -> Turn:
    """The answer, and on to where the entry leads."""
    return walking.go(turn.tried(0).say(entry.say).remember(**{TOLD: " ".join(entry.say)}), entry.go)


def picked(turn: Turn, text: str) -> FaqEntry | None:
    """Give the entry that was offered under this number."""
    offered = dict(enumerate(turn.session.memory.get(OFFERED, "").split(), 1))
    said = plain(text)
    name = offered.get(int(said)) if said.isdecimal() else None
    return next((entry for entry in turn.flow.faq if entry.id == name), None)


def without_offer(turn: Turn) -> Turn:
    """An offer holds for one answer."""
    return turn.remember(**{OFFERED: ""})


def _offer(turn: Turn, entries: tuple[FaqEntry, ...]) -> Turn:
    """Offer by number; twice unsure in a row counts as not understood, so that it cannot go round for ever."""
    if turn.session.tries > 1:
        return walking.go(turn.say(turn.flow.lines.not_understood), turn.flow.places.person, "unclear")
    asked = turn.tried(turn.session.tries + 1).say(turn.flow.lines.not_sure)
    for number, entry in enumerate(entries, 1):
        asked = asked.say((entry.offer,), {"key": str(number)})
    return asked.remember(**{OFFERED: " ".join(entry.id for entry in entries)})
