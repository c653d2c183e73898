"""Which language the caller is spoken to: as asked for by name, or as guessed and confirmed."""

from flows import walking
from flows.events import Answered, Via
from flows.reading import guess, says, wholly
from flows.step import Remember
from flows.turn import GUESSED, Turn


def switched(turn: Turn, event: Answered) -> Turn | None:
    """Go on in the language asked for by name, and keep it; None when none was asked for."""
    if event.via is Via.KEYS:
        return None
    said = wholly(event.text, turn.flow.tongues)
    for tongue in turn.flow.tongues:
        if says(said, {tongue.code: tongue.words}):
            return turn.do(Remember("language", tongue.code))
    return None


def offered(turn: Turn, event: Answered) -> Turn | None:
    """Ask, once, in the language the words give away, whether to go on in it; None when there is nothing to ask."""
    code = None if event.via is Via.KEYS else guess(event.text, turn.flow.tongues, turn.session.language)
    confirm = next((tongue.confirm for tongue in turn.flow.tongues if tongue.code == code), "")
    if not confirm or turn.recalls(GUESSED) or turn.recalls("language"):
        return None
    return walking.aside(turn.remember(**{GUESSED: "1"}), confirm)
