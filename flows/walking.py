"""Going from node to node until one waits. Every way out of it waits somewhere, so no caller is left in the air."""

from dataclasses import replace
from typing import assert_never

from flows import deleting, nodes
from flows.hours import Standing
from flows.nodes import Ask, CaseIs, Condition, Decide, End, Node, OfficeIs, On, Person, Remembered, Say, UrgencyIs
from flows.triage import Gave, Unanswered
from flows.turn import AFTER, Turn

TRAIL = 20  # questions one can go back; older ones are forgotten


def go(turn: Turn, target: str, reason: str = "") -> Turn:
    """Go to a node, or where one of the @ words leads, and on until a node waits; `reason` is why a human is needed."""
    match target:
        case nodes.SAME | "":
            return ask_again(turn)
        case nodes.BACK:
            return _back(turn)
        case nodes.RESUME:
            return _resume(turn)
        case _:
            return _walk(_leaving(turn, target), target, reason)


def aside(turn: Turn, target: str) -> Turn:
    """Go to a node, knowing where to come back to (`RESUME`)."""
    came_from = turn.session.node
    known = turn if came_from in turn.flow.asides else turn.remember(**{AFTER: came_from})
    return _walk(known, target, "")


def ask_again(turn: Turn) -> Turn:
    """Say the present question again; a person node says how things stand."""
    match turn.node:
        case Person() as person:
            return status(turn, person)
        case node:
            return put(turn, node, node.say) if isinstance(node, Ask) else _walk(turn, turn.session.node, "")


def put(turn: Turn, ask: Ask, message: tuple[str, ...]) -> Turn:
    """Ask a question in these words."""
    known = deleting.with_code(turn, ask)
    return known.say(message, deleting.params(known, ask))


def status(turn: Turn, person: Person) -> Turn:
    """Say truthfully how far the case is: only what the case itself shows."""
    case = turn.case
    if case is None:
        return turn.say(person.waiting or person.say)
    params = {"helper": case.helper, "tried": str(case.tried), "code": case.code}
    return turn.say(person.states.get(case.state, person.waiting or person.say), params)


def _walk(turn: Turn, target: str, reason: str) -> Turn:
    for _ in range(turn.flow.guards.max_steps_per_turn):
        node = turn.flow.nodes.get(target) or turn.flow.nodes[turn.flow.places.landing]
        turn = turn.at_node(node.id)
        match node:
            case Say():
                turn, target = turn.say(node.say), node.go
            case Decide():
                target = _decided(node, turn)
            case Ask():
                return put(turn, node, node.say)
            case End():
                return turn.say(node.say)
            case Person():
                return _to_person(turn, node, reason)
            case _:
                assert_never(node)
        if target.startswith("@"):
            return go(turn.at_node(turn.flow.places.menu), target)
    return too_long(turn)


def too_long(turn: Turn) -> Turn:
    """A guard tripped: over to a person."""
    person = turn.flow.nodes[turn.flow.places.person]
    return _to_person(turn.at_node(person.id).say(turn.flow.lines.too_long), _a_person(person), "guard")


def _a_person(node: Node) -> Person:
    """The place for persons is a Person node: `Flow` refuses to exist otherwise."""
    if not isinstance(node, Person):
        raise TypeError(f"places.person is {node!r}")
    return node


def _to_person(turn: Turn, person: Person, reason: str) -> Turn:
    """Ask for a human, unless the caller's open case says already as much; then say how it stands."""
    if turn.case is not None and person.urgency <= turn.session.urgency:
        return status(turn, person)
    return turn.need(person.urgency, reason or person.reason).say(person.say)


def _decided(node: Decide, turn: Turn) -> str:
    for branch in node.branches:
        if all(holds(condition, turn) for condition in branch.when):
            return branch.go
    return node.otherwise


def holds(condition: Condition, turn: Turn) -> bool:
    """Whether one condition of a branch is true now."""
    match condition:
        case Gave() | Unanswered():
            return condition.holds(turn.session.answers)
        case UrgencyIs(at_least):
            return turn.session.urgency >= at_least
        case Remembered(what, value):
            return turn.session.memory.get(what, "") == value
        case On(channel):
            return turn.session.channel is channel
        case OfficeIs(office, standing):
            now = office.standing(turn.at)
            return now is standing or (standing is Standing.CLOSED and now is Standing.HOLIDAY)
        case CaseIs(states):
            return ("none" if turn.case is None else turn.case.state) in states
        case _:
            assert_never(condition)


def _leaving(turn: Turn, target: str) -> Turn:
    """Keep the question being left, for BACK."""
    session = turn.session
    if session.node == target or session.node in turn.flow.asides or not isinstance(turn.node, Ask):
        return turn
    trail = tuple(seen for seen in session.trail if seen != session.node)
    return turn.with_session(replace(session, trail=(*trail, session.node)[-TRAIL:]))


def _back(turn: Turn) -> Turn:
    *before, last = ("", *turn.session.trail)
    shorter = turn.with_session(replace(turn.session, trail=tuple(filter(None, before))))
    return _walk(shorter, last or turn.flow.places.menu, "")


def _resume(turn: Turn) -> Turn:
    to = turn.session.memory.get(AFTER) or turn.flow.places.menu
    return _walk(turn.remember(**{AFTER: ""}), moved(turn, to), "")


def moved(turn: Turn, node: str) -> str:
    """The name a remembered node has in the present content; the landing when it is gone."""
    now = turn.flow.moves.get(node, node)
    return now if now in turn.flow.nodes else turn.flow.places.landing
