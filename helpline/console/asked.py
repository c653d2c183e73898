"""What was asked and what was chosen, in words: "q2b 9" says nothing to anybody at 3 a.m.

A question's text holds its choices as callers read them ("1 Yes. 2 No."), so these are the words that staff read too.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flows.catalogue import Catalogue
from flows.events import Channel
from flows.loaded import LoadedContent
from flows.nodes import Ask, Choice
from flows.step import Prompt

NONE = "no answer"
LONGEST = 70
_CHOICE = re.compile(r"(?:^|(?<=[.?!:;] ))(\d{1,2}) ([^.?!;]+)")
_WRITTEN = re.compile(r"(\w+) (-|\d+(?:,\d+)*)")
_KEYS = re.compile(r"\d{1,2}(?:[ ,]+\d{1,2})*")


@dataclass(frozen=True, slots=True)
class Answered:
    """One question of the bot's and what the caller answered."""

    question: str
    answer: str

    def __str__(self) -> str:
        return f"“{self.answer}” to: {self.question}"


def choices(text: str) -> tuple[str, Mapping[str, str]]:
    """A question without its choices, and the choices by the key that chooses them."""
    found = list(_CHOICE.finditer(text))
    if not found:
        return text, {}
    return text[: found[0].start()].strip() or text, {one.group(1): one.group(2).strip() for one in found}


def meaning(asked: str, said: str) -> str:
    """What a caller's bare number stands for under the question before it; empty if it is more than that or nothing."""
    if not _KEYS.fullmatch(said.strip()):
        return ""
    known = choices(asked)[1]
    keys = re.findall(r"\d+", said)
    return ", ".join(known[key] for key in keys) if all(key in known for key in keys) else ""


def answered(content: LoadedContent, language: str, question: str, given: Iterable[int] | None) -> Answered | None:
    """A stored answer in this language; None if the content has no such question."""
    node = next((one for one in content.flow.nodes.values() if isinstance(one, Ask) and one.question == question), None)
    if node is None:
        return None
    text = " ".join(content.catalogue.text(Prompt(one, language), Channel.SMS) for one in node.say)
    short, known = choices(text)
    values = tuple(given or ())
    chosen = [_words(one, known, content.catalogue, language) for one in node.choices if one.value in values]
    return Answered(short, ", ".join(chosen) or NONE)


def place(content: LoadedContent, language: str, node_id: str) -> str:
    """What is said at a place of the flows, cut short; empty if nothing is, or the content has no such place."""
    says = getattr(content.flow.nodes.get(node_id), "say", ())
    text = " ".join(content.catalogue.text(Prompt(one, language), Channel.SMS) for one in says)
    short = choices(text)[0]
    return short if len(short) <= LONGEST else f"{short[:LONGEST].rsplit(' ', 1)[0]} …"


def written(content: LoadedContent, language: str, note: str) -> Answered | None:
    """An answer as a timeline keeps it ("q2b 1,3"); None for anything else, such as the caller's own words."""
    found = _WRITTEN.fullmatch(note)
    if found is None:
        return None
    given = () if found.group(2) == "-" else map(int, found.group(2).split(","))
    return answered(content, language, found.group(1), given)


def _words(choice: Choice, known: Mapping[str, str], catalogue: Catalogue, language: str) -> str:
    named = next((known[key] for key in choice.keys if key in known), "")
    spoken = choice.words.get(language) or choice.words.get(catalogue.default) or choice.keys
    return named or next(iter(spoken))
