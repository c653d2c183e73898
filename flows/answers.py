"""Free-text questions: answered when the match is sure, offered by number when it is not."""

from flows import faq, walking
from flows.definition import FaqEntry
from flows.nodes import Choice
from flows.reading import Reader, guess, plain
from flows.turn import OFFERED, TOLD, Turn

_NO, _YES = 0, 1


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
    """Give the entry that was offered under this number, or the only one offered when the answer is yes."""
    offered = _offered(turn)
    said = plain(text)
    place = int(said) if said.isdecimal() else int(len(offered) == 1 and _yes_or_no(turn, text) == _YES)
    name = dict(enumerate(offered, 1)).get(place)
    return next((entry for entry in turn.flow.faq if entry.id == name), None)


def declined(turn: Turn, text: str) -> bool:
    """Whether none of what was offered is meant."""
    return bool(_offered(turn)) and _yes_or_no(turn, text) == _NO


def enough(turn: Turn, text: str) -> bool:
    """Whether the caller wants nothing of what a menu has, and says so."""
    choices = (Choice((), words=turn.flow.offers.enough),)
    return bool(Reader(choices, turn.flow.tongues).read(text))


def _offered(turn: Turn) -> list[str]:
    return turn.session.memory.get(OFFERED, "").split()


def _yes_or_no(turn: Turn, text: str) -> int | None:
    words = turn.flow.offers
    choices = (Choice((), words=words.yes, value=_YES), Choice((), words=words.no, value=_NO))
    read = Reader(choices, turn.flow.tongues).read(text)
    return read[0].value if read else None


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
