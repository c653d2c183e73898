"""The telephones: who has them, what they do when something arrives, and what has come and gone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from emulator.identifiers import is_e164

WITHHELD = "anonymous"


class Behaviour(StrEnum):
    """What a phone does by itself when it rings."""

    MANUAL = "manual"  # rings until somebody does something
    ANSWER = "answer"
    NEVER = "never"
    BUSY = "busy"
    VOICEMAIL = "voicemail"  # answers, plays its greeting, beeps, records what it hears, presses nothing
    FAX = "fax"  # answers with a fax tone
    UNREACHABLE = "unreachable"


@dataclass(slots=True)
class Phone:
    """A telephone in somebody's hand. Its `number` names it; with `withheld` its calls show no number."""

    number: str
    name: str = ""
    behaviour: Behaviour = Behaviour.MANUAL
    answer_after_s: float = 0.0
    greeting: str = "You have reached voicemail. Please leave a message after the tone."
    greeting_s: float = 6.0
    greeting_end: str = "beep"  # beep, silence or other: what machine detection finds at the end of the greeting
    withheld: bool = False
    expected: bool = False  # set up by a person or test, not called into being by the application
    texts: list[Any] = field(default_factory=list)
    calls: list[Any] = field(default_factory=list)

    @property
    def caller_id(self) -> str:
        """Return what the called party is told of who is calling."""
        return WITHHELD if self.withheld or not is_e164(self.number) else self.number


class Phonebook:
    """All telephones. A number nobody set up exists all the same, as in the world, and rings unanswered."""

    def __init__(self, on_new: Callable[[Phone], None]) -> None:
        self._phones: dict[str, Phone] = {}
        self._on_new = on_new

    def all(self) -> tuple[Phone, ...]:
        return tuple(self._phones.values())

    def find(self, number: str) -> Phone | None:
        return self._phones.get(number)

    def at(self, number: str) -> Phone:
        """Return the phone with this number, which comes into being if need be."""
        phone = self._phones.get(number)
        if phone is None:
            phone = self._phones[number] = Phone(number)
            self._on_new(phone)
        return phone

    def remove(self, number: str) -> bool:
        return self._phones.pop(number, None) is not None
