"""What is proved of a conversation as a whole: guards leave room, comebacks go on, danger questions name their keys."""

import re
from collections.abc import Iterator

from flows.definition import Flow
from flows.events import Channel
from flows.fault import Fault
from flows.graph import edges_of
from flows.loaded import LoadedContent, Part
from flows.nodes import RESUME, Ask, Decide, Say


def conduct_faults(loaded: LoadedContent) -> Iterator[Fault]:
    """Every fault of the conversation as a whole."""
    yield from _guards_too_tight(loaded)
    yield from _no_way_on(loaded)
    yield from _unnamed_keys(loaded)


def _guards_too_tight(loaded: LoadedContent) -> Iterator[Fault]:
    """A guard is for what goes wrong; one that content itself can trip hands over callers for nothing."""
    flow = loaded.flow
    steps = max((_steps(flow, name, frozenset()) for name in flow.nodes), default=0)
    if steps > flow.guards.max_steps_per_turn:
        what = f"guards: {steps} nodes can follow without a question, more than max_steps_per_turn"
        yield Fault("conversation.yaml", 0, what, f"Set max_steps_per_turn to {steps} or more")
    asked = sum(isinstance(node, Ask) for node in flow.nodes.values())
    if asked > flow.guards.max_turns:
        what = f"guards: there are {asked} questions, more than max_turns"
        yield Fault("conversation.yaml", 0, what, "Set max_turns to several times as many: people answer twice")


def _steps(flow: Flow, name: str, before: frozenset[str]) -> int:
    """The most nodes from here to one that waits, itself counted; a round is found elsewhere."""
    node = flow.nodes.get(name)
    if node is None or name in before:
        return 0
    onward = edges_of(flow, node) if isinstance(node, Say | Decide) else ()
    return 1 + max((_steps(flow, edge.target, before | {name}) for edge in onward), default=0)


def _no_way_on(loaded: LoadedContent) -> Iterator[Fault]:
    """Who comes back, is safe, or keeps their data goes on where they were."""
    places = loaded.flow.places
    for place, name in (("welcome_back", places.welcome_back), ("check_in", places.check_in)):
        node = loaded.flow.nodes[name]
        if isinstance(node, Ask) and not any(choice.go == RESUME for choice in node.choices):
            where = loaded.place(Part.NODE, name)
            what = f"{name} has no answer that goes on where the caller was, though it is the place {place}"
            yield Fault(where.file, where.line, what, f"Let one of its answers go to {RESUME}")


def _unnamed_keys(loaded: LoadedContent) -> Iterator[Fault]:
    """A question about danger names every key it takes, in every language, by text and by call."""
    for name, node in loaded.flow.nodes.items():
        if not isinstance(node, Ask) or node.question not in loaded.flow.triage.questions:
            continue
        for code in loaded.flow.languages:
            for channel in Channel:
                yield from _unnamed(loaded, name, node, code, channel)


def _unnamed(loaded: LoadedContent, name: str, node: Ask, code: str, channel: Channel) -> Iterator[Fault]:
    forms = [loaded.catalogue.forms(message, code) for message in node.say]
    said = " ".join(one.on(channel) for one in forms if one is not None)
    missing = [choice.keys[0] for choice in node.choices if not _names(said, choice.keys[0])]
    if missing and said:
        where = loaded.place(Part.NODE, name)
        what = f"{name} ({channel.value}) in {code} does not name the key {' and '.join(missing)}"
        yield Fault(where.file, where.line, what, "Say what each key means")


def _names(said: str, key: str) -> bool:
    return re.search(rf"(?<![0-9-]){key}(?![0-9-])", said) is not None
