"""STOP, START and HELP: what Twilio does with them by itself, and who may not be texted (facts of Advanced Opt-Out)."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

TOLL_FREE = re.compile(r"\+1(800|833|844|855|866|877|888)\d{7}")

STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START = frozenset({"START", "YES", "UNSTOP"})
HELP = frozenset({"HELP", "INFO"})


class Mode(StrEnum):
    """Who answers the keywords."""

    DEFAULT = "default"
    ADVANCED = "advanced"  # Advanced Opt-Out: the webhook is told the kind in OptOutType
    TOLL_FREE = "toll_free"  # the carriers do it: only STOP, only START and UNSTOP
    OFF = "off"


class Keyword(StrEnum):
    """What a whole message can mean; the values are those of OptOutType."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


@dataclass(slots=True)
class Handling:
    """How one sender's, or one Messaging Service's, keywords are handled. The texts are ours, not Twilio's."""

    mode: Mode
    stop_text: str = "You are unsubscribed from this number and will get no more messages. Reply START to undo."
    start_text: str = "You get messages from this number again. Reply HELP for help, STOP to unsubscribe."
    help_text: str = "Reply STOP to unsubscribe. Message and data rates may apply."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was made of a message: the keyword it is, and what is answered, if anything."""

    keyword: Keyword | None = None
    answer: str = ""


@dataclass(slots=True)
class OptOuts:
    """The block list, and each owner's handling. An owner is a phone number or a Messaging Service's SID."""

    blocked: set[tuple[str, str]] = field(default_factory=set)
    handlings: dict[str, Handling] = field(default_factory=dict)

    def handling(self, owner: str, number: str) -> Handling:
        """Return how `owner`, reached at `number`, handles keywords: a short code leaves them to the application."""
        chosen = self.handlings.get(owner)
        if chosen is not None:
            return chosen
        if TOLL_FREE.fullmatch(number):
            return Handling(Mode.TOLL_FREE)
        return Handling(Mode.DEFAULT if number.startswith("+") else Mode.OFF)

    def hear(self, owner: str, number: str, person: str, body: str) -> Verdict:
        """Take a message in: change the block list, and return what to answer."""
        handling = self.handling(owner, number)
        keyword = keyword_of(body, handling.mode)
        was_blocked = (owner, person) in self.blocked
        match keyword:
            case Keyword.STOP:
                self.blocked.add((owner, person))
                return Verdict(keyword, "" if was_blocked else handling.stop_text)
            case Keyword.START:
                self.blocked.discard((owner, person))
                return Verdict(keyword, handling.start_text if was_blocked else "")
            case Keyword.HELP:
                return Verdict(keyword, "" if was_blocked else handling.help_text)
            case None:
                return Verdict()


def keyword_of(body: str, mode: Mode) -> Keyword | None:
    """Return the keyword that the whole of `body` is, in any case; a sentence holding one is none."""
    word = body.strip().upper()
    match mode:
        case Mode.OFF:
            return None
        case Mode.TOLL_FREE:
            stop, start = frozenset({"STOP"}), START - {"YES"}
        case Mode.DEFAULT | Mode.ADVANCED:
            stop, start = STOP, START
    meanings = {Keyword.STOP: stop, Keyword.START: start, Keyword.HELP: HELP}
    return next((keyword for keyword, words in meanings.items() if word in words), None)
