"""The kinds of danger the line listens for, and what a screening gives."""

from dataclasses import dataclass
from enum import StrEnum

from flows.urgency import Urgency


class Danger(StrEnum):
    """One class per script a caller may need; the order is the order of scripts at equal urgency."""

    OVERDOSE = "overdose"
    POISON = "poison"
    STIMULANT = "stimulant"
    WITHDRAWAL_RED = "withdrawal_red"
    SUICIDE_NOW = "suicide_now"
    CHILD = "child"
    ASSAULT = "assault"
    VIOLENCE_TO_ME = "violence_to_me"
    VIOLENCE_BY_ME = "violence_by_me"
    PREGNANCY = "pregnancy"
    SUICIDE_IDEATION = "suicide_ideation"
    SELF_HARM = "self_harm"
    WITHDRAWAL = "withdrawal"
    MINOR = "minor"
    SHELTER = "shelter"
    BLADDER = "bladder"
    DISTRESS = "distress"


NEVER_SILENCED = frozenset({Danger.OVERDOSE, Danger.SUICIDE_NOW})


@dataclass(frozen=True, slots=True)
class Hit:
    """One lexicon entry that was heard. `entry` is its id, never the caller's words.

    `other_person`: said of somebody else. `softened`: negated, long past, asked about, or a figure of speech.
    """

    danger: Danger
    urgency: Urgency
    entry: str
    other_person: bool
    softened: bool


@dataclass(frozen=True, slots=True)
class Screening:
    """What was heard in one message. `script` is the message id of the one fixed text to send first.

    `ask`: it is unclear whether there is danger, so ask the two danger questions directly. `language`: the one in whose
    words all danger was heard, if the lexicon says; empty: unknown or several.
    """

    hits: tuple[Hit, ...]
    urgency: Urgency
    script: str | None
    ask: bool
    language: str = ""
