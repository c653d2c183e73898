"""What came while the line could not answer: in which order it is taken up, and what is owed for a call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.safety import screen
from flows.safety.lexicon import Lexicon
from flows.step import Consent
from flows.urgency import Urgency


@dataclass(frozen=True, slots=True)
class MissedText:
    """A text Twilio has and the line never saw. `sender` is whatever stood in From."""

    sid: str
    sender: str
    body: str
    at: datetime
    media: int = 0


@dataclass(frozen=True, slots=True)
class MissedCall:
    """A call Twilio has and the line never saw."""

    sid: str
    sender: str
    at: datetime
    over: bool
    reached: bool = False  # The fallback document joined them to somebody.


@dataclass(frozen=True, slots=True)
class Taken:
    """A missed text in its place in the queue. `last` says that it is the last of its sender."""

    text: MissedText
    danger: Urgency
    last: bool


def in_order(texts: Iterable[MissedText], lexicon: Lexicon) -> tuple[Taken, ...]:
    """All texts, those of people in danger first; of one person always in the order they were written."""
    by_sender: dict[str, list[Taken]] = {}
    for text in sorted(texts, key=lambda one: one.at):  # to the second: within one, the order given holds
        taken = Taken(text, screen(text.body, lexicon).urgency, last=True)
        mine = by_sender.setdefault(text.sender, [])
        mine[-1:] = [Taken(one.text, one.danger, last=False) for one in mine[-1:]]
        mine.append(taken)
    people = sorted(by_sender.values(), key=lambda mine: (-max(one.danger for one in mine), mine[0].text.at))
    return tuple(one for mine in people for one in mine)


class Owed(StrEnum):
    """What is owed for a missed call."""

    CALLBACK = "callback"  # A case: staff call.
    TEXT = "text"  # A neutral text.
    TO_THE_CASE = "to_the_case"  # The caller has an open case: it learns of the call.
    REACHED = "reached"  # Nothing: the fallback document joined them to somebody.
    CAME_BACK = "came_back"  # Nothing: the person has reached us since.
    NOT_WANTED = "not_wanted"  # Nothing: the person does not want to be contacted.
    NO_WAY = "no_way"  # Nothing is possible: the number is withheld.


def owed(  # noqa: PLR0911 - one line for each thing that can be owed
    *, consent: Consent, opted_out: bool, withheld: bool, has_case: bool, reached: bool, came_back: bool
) -> Owed:
    """What is owed for a missed call. Nobody is called who has not said that it is safe to call."""
    if has_case:
        return Owed.TO_THE_CASE
    if reached:
        return Owed.REACHED
    if came_back:
        return Owed.CAME_BACK
    if withheld:
        return Owed.NO_WAY
    match consent:
        case Consent.NO_CONTACT:
            return Owed.NOT_WANTED
        case Consent.CALL_AND_VOICEMAIL | Consent.CALL_ONLY:
            return Owed.CALLBACK
        case _:
            return Owed.NOT_WANTED if opted_out else Owed.TEXT
