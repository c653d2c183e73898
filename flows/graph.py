"""The ways a conversation can go, as edges between nodes: what the review proves things about and the pictures show."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from flows.definition import Command, Flow
from flows.nodes import BACK, RESUME, SAME, Ask, Choice, Decide, End, Node, Person, Say

WORDS_FOR_PLACES = frozenset({SAME, BACK, RESUME})


class Way(StrEnum):
    """Why the conversation goes along an edge."""

    ON = "on"  # nothing is asked
    ANSWER = "answer"
    BRANCH = "branch"
    OTHERWISE = "otherwise"
    UNCLEAR = "unclear"  # silence, or twice not understood


@dataclass(frozen=True, slots=True)
class Edge:
    """From one node to another; `label` is the key or the condition."""

    source: str
    target: str
    way: Way
    label: str = ""
    script: str = ""


def edges_of(flow: Flow, node: Node) -> Iterator[Edge]:
    """Where a node can lead, as written: targets may be @ words or nodes that do not exist."""
    match node:
        case Say():
            yield Edge(node.id, node.go, Way.ON)
        case Ask():
            yield from (_answer(flow, node.id, choice) for choice in node.choices)
            if node.then:
                yield Edge(node.id, node.then, Way.ANSWER, str(node.free or ""))
            yield Edge(node.id, node.unclear_go or flow.places.person, Way.UNCLEAR)
        case Decide():
            yield from (Edge(node.id, branch.go, Way.BRANCH) for branch in node.branches)
            yield Edge(node.id, node.otherwise, Way.OTHERWISE)
        case Person():
            yield from (_answer(flow, node.id, choice) for choice in node.choices)
        case End():
            return
        case _:
            assert_never(node)


def _answer(flow: Flow, source: str, choice: Choice) -> Edge:
    script = flow.scripts.get(choice.script)
    target = choice.go or (script.go if script else "") or SAME
    return Edge(source, target, Way.ANSWER, choice.keys[0], choice.script)


def edges(flow: Flow) -> tuple[Edge, ...]:
    """Every edge of every node."""
    return tuple(edge for node in flow.nodes.values() for edge in edges_of(flow, node))


def entries(flow: Flow) -> frozenset[str]:
    """The nodes a conversation can come to from outside the graph: places, scripts, FAQ answers, guessed languages."""
    places = flow.places
    engine = (
        places.start,
        places.menu,
        places.person,
        places.exit,
        places.farewell,
        places.survey,
        places.landing,
        places.welcome_back,
        places.check,
        places.check_in,
        places.delete,
    )
    scripts = (script.go for script in flow.scripts.values())
    faq = (entry.go for entry in flow.faq)
    tongues = (tongue.confirm for tongue in flow.tongues)
    moved = flow.moves.values()
    named = (*engine, *scripts, *faq, *tongues, *moved)
    return frozenset(name for name in named if name and name not in WORDS_FOR_PLACES)


def reached(start: Iterable[str], onward: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Everything that can be come to from `start`."""
    seen: set[str] = set()
    open_ = list(start)
    while open_:
        here = open_.pop()
        if here not in seen:
            seen.add(here)
            open_.extend(onward(here))
    return frozenset(seen)


def nearest(goals: Iterable[str], edges_into: Mapping[str, Iterable[tuple[str, int]]]) -> Mapping[str, int]:
    """The fewest answers from each node to a goal, along edges that cost 0 (nothing asked) or 1 (one answer)."""
    best = dict.fromkeys(goals, 0)
    level, answers = list(best), 0
    while level:
        free, later = list(level), []
        while free:
            here = free.pop()
            for source, cost in edges_into.get(here, ()):
                if cost:
                    later.append(source)
                elif best.get(source, answers + 1) > answers:
                    best[source] = answers
                    free.append(source)
        answers += 1
        level = [source for source in dict.fromkeys(later) if source not in best]
        best |= dict.fromkeys(level, answers)
    return best


def person_key(flow: Flow) -> str:
    """The key that means a person at every question; empty where the content has none."""
    keys = (words.keys for words in flow.commands if words.command is Command.PERSON)
    return next((key for found in keys for key in found), "")
