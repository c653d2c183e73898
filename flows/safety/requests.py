"""What else a caller may ask for at any moment: no more texts, or a person. Callers screen for danger first."""

import re
from enum import StrEnum
from functools import lru_cache

from flows.safety.lexicon import Lexicon
from flows.safety.screening import ASKED_AGAIN, prepare
from flows.safety.spelling import plain

_AROUND = re.compile(r"[^\w]+|_")


class OptOut(StrEnum):
    """What a message says about texts from us."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    NONE = "none"


_WORDS = (OptOut.STOP, OptOut.START, OptOut.HELP)


@lru_cache(maxsize=ASKED_AGAIN)
def opt_out(text: str, lexicon: Lexicon) -> OptOut:
    """Read an opt-out: a keyword is the whole message; a plain request may stand anywhere in it.

    Keywords: Twilio's defaults and the FCC's per se list. "end it", "make it stop" and "quit drinking" are none.
    """
    word = text_word(text, lexicon)
    if word is not OptOut.NONE:
        return word
    view = prepare(text, lexicon)
    asked = any(phrase.advance(view.anywhere, view) for phrase in lexicon.phrases["stop_phrases"])
    other = any(phrase.advance(view.anywhere, view) for phrase in lexicon.phrases["not_stop"])
    return OptOut.STOP if asked and not other else OptOut.NONE


def text_word(text: str, lexicon: Lexicon) -> OptOut:
    """Read a message that is nothing but a keyword about texts; staff phones are only listened to for these."""
    whole = _AROUND.sub(" ", plain(text)).strip()
    return next((one for one in _WORDS if whole in lexicon.keywords[one]), OptOut.NONE)


@lru_cache(maxsize=ASKED_AGAIN)
def asks_for_person(text: str, lexicon: Lexicon) -> bool:
    """Tell whether a message asks for a human, in either language."""
    whole = _AROUND.sub(" ", plain(text)).strip()
    if whole in lexicon.keywords["person"]:
        return True
    view = prepare(text, lexicon)
    return any(phrase.advance(view.anywhere, view) for phrase in lexicon.phrases["person_phrases"])
