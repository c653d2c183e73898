"""What is proved of the graph: no dead end, no silent loop, a person and the emergency number always near."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from flows.catalogue import Catalogue
from flows.definition import Flow
from flows.fault import Fault
from flows.graph import WORDS_FOR_PLACES, Edge, Way, edges, edges_of, entries, nearest, person_key, reached
from flows.loaded import LoadedContent, Part
from flows.nodes import SAME, Ask, Choice, Decide, End, Node, Person, Say

MOST_ANSWERS_TO_A_PERSON = 3
MOST_ANSWERS_TO_EMERGENCY = 1
EMERGENCY = "number:emergency"


def graph_faults(loaded: LoadedContent) -> Iterator[Fault]:
    """Every fault of the graph."""
    flow = loaded.flow
    ways = edges(flow)
    yield from _unknown_targets(loaded, ways)
    yield from _unreached(loaded, ways)
    yield from _loops(loaded, ways)
    yield from _silent_nodes(loaded)
    yield from _person_key_taken(loaded)
    near = _answers_to_a_person(flow, ways)
    for name, node in flow.nodes.items():
        if not _ends(flow, node):
            yield from _far_from_a_person(loaded, name, near.get(name))
        if isinstance(node, Ask | Person) and not _emergency_is_near(loaded, node):
            what = f"from {name} the emergency number is more than {MOST_ANSWERS_TO_EMERGENCY} answer away"
            mend = "Let the node or an answer say {number:emergency}, or leave the key for a person free"
            yield _at(loaded, name, what, mend)


def _ends(flow: Flow, node: Node) -> bool:
    """Whether the conversation is over here: at an end, or where only ends are chosen from."""
    if isinstance(node, Decide):
        ways = (node.otherwise, *(branch.go for branch in node.branches))
        return all(isinstance(flow.nodes.get(way), End) for way in ways)
    return isinstance(node, End)


def _at(loaded: LoadedContent, node: str, what: str, mend: str) -> Fault:
    place = loaded.place(Part.NODE, node)
    return Fault(place.file, place.line, what, mend)


def _unknown_targets(loaded: LoadedContent, ways: Iterable[Edge]) -> Iterator[Fault]:
    flow = loaded.flow
    known = flow.nodes.keys() | WORDS_FOR_PLACES
    for edge in ways:
        if edge.target not in known:
            yield _at(loaded, edge.source, f"{edge.source} leads to {edge.target}, which does not exist", "Name a node")
        if edge.script and edge.script not in flow.scripts:
            what = f"{edge.source} names the script {edge.script}, which does not exist"
            yield _at(loaded, edge.source, what, "Name one of scripts.yaml")
        if edge.target == SAME and isinstance(flow.nodes[edge.source], Say | Decide):
            yield _at(loaded, edge.source, f"{edge.source} leads back to itself without asking", "Name another node")
    yield from _unknown_from_outside(loaded, known)


def _unknown_from_outside(loaded: LoadedContent, known: Iterable[str]) -> Iterator[Fault]:
    flow, nodes = loaded.flow, frozenset(known)
    for script in flow.scripts.values():
        if script.go and script.go not in nodes:
            place = loaded.place(Part.SCRIPT, script.id)
            what = f"the script {script.id} leads to {script.go}, which does not exist"
            yield Fault(place.file, place.line, what, "Name a node")
    for entry in flow.faq:
        if entry.go not in nodes:
            place = loaded.place(Part.FAQ, entry.id)
            what = f"the answer {entry.id} leads to {entry.go}, which does not exist"
            yield Fault(place.file, place.line, what, "Name a node")
    for old, new in flow.moves.items():
        if new not in nodes:
            what = f"moves: {old} leads to {new}, which does not exist"
            yield Fault("conversation.yaml", 0, what, "Name a node")
    for danger, script_id in flow.lexicon.scripts.items():
        if script_id not in flow.scripts:
            what = f"{danger.value} names the script {script_id}, which scripts.yaml does not have"
            yield Fault("safety/scripts.yaml", 0, what, "Add the script, or name another")


def _unreached(loaded: LoadedContent, ways: Iterable[Edge]) -> Iterator[Fault]:
    onward: dict[str, list[str]] = defaultdict(list)
    for edge in ways:
        onward[edge.source].append(edge.target)
    seen = reached(entries(loaded.flow), lambda name: onward.get(name, ()))
    for name in loaded.flow.nodes.keys() - seen:
        yield _at(loaded, name, f"no way leads to {name}", "Lead to it from somewhere, or remove it")


def _loops(loaded: LoadedContent, ways: Iterable[Edge]) -> Iterator[Fault]:
    """A conversation that goes round without asking would be ended by a guard."""
    nodes = loaded.flow.nodes
    onward: dict[str, list[str]] = defaultdict(list)
    for edge in ways:
        if isinstance(nodes[edge.source], Say | Decide) and isinstance(nodes.get(edge.target), Say | Decide):
            onward[edge.source].append(edge.target)
    for name in sorted(onward):
        if name in reached(onward[name], lambda here: onward.get(here, ())):
            yield _at(
                loaded, name, f"from {name} the conversation goes round without asking anything", "Put a question in"
            )


def _silent_nodes(loaded: LoadedContent) -> Iterator[Fault]:
    for name, node in loaded.flow.nodes.items():
        if not isinstance(node, Decide) and not node.say:
            yield _at(loaded, name, f"{name} says nothing", "Name a message")
        if isinstance(node, Person) and not node.waiting:
            what = f"{name} has nothing to tell somebody who writes while waiting"
            yield _at(loaded, name, what, "Name a message under waiting")
    for line in loaded.flow.lines.__slots__:
        if not getattr(loaded.flow.lines, line):
            yield Fault("conversation.yaml", 0, f"lines: {line} says nothing", "Name a message")


def _person_key_taken(loaded: LoadedContent) -> Iterator[Fault]:
    key = person_key(loaded.flow)
    if not key:
        yield Fault("conversation.yaml", 0, "no key means a person", "Give the command person a key, as a rule 0")
    for name, node in loaded.flow.nodes.items():
        if isinstance(node, Ask | Person) and any(key in choice.keys for choice in node.choices):
            what = f"{name} gives the key {key} another meaning than a person"
            yield _at(loaded, name, what, f"Use another key: somebody who presses {key} in fear wants a person")


def _answers_to_a_person(flow: Flow, ways: Iterable[Edge]) -> Mapping[str, int]:
    """How many key presses each node is from a Person node. Words and speech may be quicker; keys always work."""
    into: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for edge in ways:
        cost = 1 if edge.way is Way.ANSWER else 0
        target = edge.target if edge.target in flow.nodes.keys() | WORDS_FOR_PLACES else flow.places.landing
        if edge.way is not Way.UNCLEAR:  # silence leads to a person too, but nobody should need to be silent
            into[target].append((edge.source, cost))
    key = person_key(flow)
    for name, node in flow.nodes.items():
        if key and isinstance(node, Ask) and not any(key in choice.keys for choice in node.choices):
            into[flow.places.person].append((name, 1))
    return nearest((name for name, node in flow.nodes.items() if isinstance(node, Person)), into)


def _far_from_a_person(loaded: LoadedContent, name: str, answers: int | None) -> Iterator[Fault]:
    if answers is None:
        yield _at(loaded, name, f"from {name} no key leads to a person", "Leave the key for a person free")
    elif answers > MOST_ANSWERS_TO_A_PERSON:
        what = f"from {name} a person is {answers} answers away, more than {MOST_ANSWERS_TO_A_PERSON}"
        yield _at(loaded, name, what, "Leave the key for a person free, or lead there sooner")


def _emergency_is_near(loaded: LoadedContent, node: Ask | Person) -> bool:
    """Whether the node itself, or what one answer to it leads to, says the emergency number."""
    flow = loaded.flow
    person = flow.nodes[flow.places.person]
    key = person_key(flow)
    free = bool(key) and not any(key in choice.keys for choice in node.choices)
    asked = _said_at(person) if free else ()
    answered = (message for choice in node.choices for message in _said_by(flow, choice))
    said = (*_said_at(node), *asked, *answered)
    return any(_says_emergency(loaded.catalogue, message) for message in said)


def _said_by(flow: Flow, choice: Choice) -> Iterator[str]:
    script = flow.scripts.get(choice.script)
    yield from script.say if script else ()
    yield from choice.says
    yield from _said_on_the_way(flow, choice.go or (script.go if script else ""))


def _said_on_the_way(flow: Flow, target: str) -> Iterator[str]:
    """What is said from a node to where the conversation next waits; of branches only what all of them say first."""
    seen: set[str] = set()
    while target in flow.nodes and target not in seen:
        seen.add(target)
        node = flow.nodes[target]
        yield from _said_at(node)
        if not isinstance(node, Say):
            return
        target = next(iter(edges_of(flow, node))).target


def _said_at(node: Node) -> tuple[str, ...]:
    return () if isinstance(node, Decide) else node.say


def _says_emergency(catalogue: Catalogue, message: str) -> bool:
    forms = catalogue.forms(message, catalogue.default)
    return forms is not None and EMERGENCY in forms.placeholders
