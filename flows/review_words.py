"""What is proved of answers and commands: one meaning for each word, and no word that the carrier takes away."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from flows.fault import Fault
from flows.loaded import LoadedContent, Part
from flows.nodes import Ask, ByLanguage, Choice, Person
from flows.reading import plain

CARRIER_STOPS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"})
"""Sent alone, each makes Twilio block every further text (Twilio docs, "Advanced Opt-Out"; 47 CFR 64.1200(a)(10))."""


def word_faults(loaded: LoadedContent) -> Iterator[Fault]:
    """Every fault of words and keys."""
    stops = CARRIER_STOPS | {plain(word) for word in loaded.flow.lexicon.keywords.get("stop", ())}
    for name, node in loaded.flow.nodes.items():
        if isinstance(node, Ask | Person):
            yield from _keys_twice(loaded, name, node.choices)
            yield from _words_twice(loaded, name, node.choices)
            yield from _words_taken(loaded, name, node.choices)
    yield from _stops(loaded, stops)
    yield from _groups_missing(loaded)
    yield from _questions_missing(loaded)


def _keys_twice(loaded: LoadedContent, name: str, choices: Iterable[Choice]) -> Iterator[Fault]:
    keys = [key for choice in choices for key in choice.keys]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield _at_node(loaded, name, f"{name} has two answers with the key {key}", "Give one of them another key")


def _words_twice(loaded: LoadedContent, name: str, choices: Iterable[Choice]) -> Iterator[Fault]:
    meant: dict[tuple[str, str], set[str]] = defaultdict(set)
    for choice in choices:
        for code, word in _all(choice.words):
            meant[code, word].add(choice.keys[0])
    for (code, word), keys in meant.items():
        if len(keys) > 1:
            what = f'{name} has two answers for "{word}" ({code}): {" and ".join(sorted(keys))}'
            yield _at_node(loaded, name, what, "Leave it out of one of the two groups of words")


def _words_taken(loaded: LoadedContent, name: str, choices: Iterable[Choice]) -> Iterator[Fault]:
    """A command is obeyed before a question reads its answers, so a word of both would never reach the question."""
    commands = {word: one.command.value for one in loaded.flow.commands for _, word in _all(one.words)}
    tongues = {plain(word): tongue.code for tongue in loaded.flow.tongues for word in tongue.words}
    for choice in choices:
        for code, word in _all(choice.words):
            if taken := commands.get(word) or tongues.get(word):
                what = f'{name}: the answer "{word}" ({code}) already means {taken} at every question'
                yield _at_node(loaded, name, what, "Leave it out of one of the two groups of words")


def _stops(loaded: LoadedContent, stops: Iterable[str]) -> Iterator[Fault]:
    taken = frozenset(stops)
    for name, node in loaded.flow.nodes.items():
        for choice in node.choices if isinstance(node, Ask | Person) else ():
            for code, word in _all(choice.words):
                if word in taken:
                    what = f'{name} takes "{word}" ({code}) for an answer, but it ends all texts to the caller'
                    yield _at_node(loaded, name, what, "Leave the word out")
    for command in loaded.flow.commands:
        for code, word in _all(command.words):
            if word in taken:
                place = loaded.place(Part.WORDS, code)
                what = (
                    f'the command {command.command.value} uses "{word}" ({code}), but it ends all texts to the caller'
                )
                yield Fault(place.file, place.line, what, "Leave the word out")


def _groups_missing(loaded: LoadedContent) -> Iterator[Fault]:
    """Where one language has words for an answer, every language must."""
    for name, node in loaded.flow.nodes.items():
        for choice in node.choices if isinstance(node, Ask | Person) else ():
            for code in _lacking(loaded, choice.words):
                what = f"{name}: the answer {choice.keys[0]} has no words in {code}"
                yield _at_node(loaded, name, what, f"Add the group to messages/{code}/words.yaml")
    for command in loaded.flow.commands:
        for code in sorted(set(loaded.flow.languages) - command.words.keys()):
            place = loaded.place(Part.WORDS, code)
            what = f"the command {command.command.value} has no words in {code}"
            yield Fault(place.file, place.line, what, f"Add its group to messages/{code}/words.yaml")

    offers = loaded.flow.offers
    for answer, words in (("yes", offers.yes), ("no", offers.no), ("enough", offers.enough)):
        for code in _lacking(loaded, words):
            place = loaded.place(Part.WORDS, code)
            what = f"offers: {answer} has no words in {code}"
            yield Fault(place.file, place.line, what, f"Add its group to messages/{code}/words.yaml")


def _lacking(loaded: LoadedContent, words: ByLanguage) -> tuple[str, ...]:
    return tuple(sorted(set(loaded.flow.languages) - words.keys())) if words else ()


def _questions_missing(loaded: LoadedContent) -> Iterator[Fault]:
    for entry in loaded.flow.faq:
        for code in loaded.flow.languages:
            if not entry.forms.get(code):
                place = loaded.place(Part.QUESTIONS, code)
                what = f"nobody can ask for {entry.id} in {code}"
                yield Fault(place.file, place.line, what, f"Add {entry.id} to messages/{code}/questions.yaml")


def _all(words: ByLanguage) -> Iterator[tuple[str, str]]:
    for code, said in words.items():
        yield from ((code, plain(word)) for word in said)


def _at_node(loaded: LoadedContent, name: str, what: str, mend: str) -> Fault:
    place = loaded.place(Part.NODE, name)
    return Fault(place.file, place.line, what, mend)
