"""Content changes under a running conversation: where the caller stands afterwards."""

from dataclasses import replace

from flows.definition import Flow
from flows.session import Session
from flows.turn import CLOSED


def move(session: Session, flow: Flow) -> tuple[Session, bool]:
    """Give the session standing in this flow, and whether an answer to its old question can be read by the new node.

    A node in `flow.moves` asks the same thing. A node that only has the same name may ask something else now, so it is
    asked again before an answer is read. A node that is gone lands at `flow.places.landing`, which says so; who waits
    for a human goes on waiting.
    """
    if session.content == flow.version and session.node in flow.nodes:
        return session, True
    moved = flow.moves.get(session.node)
    same = moved is not None and moved in flow.nodes
    kept = session.node if session.node in flow.nodes else _landing(session, flow)
    node = moved if moved is not None and same else kept
    tries = session.tries if same else 0
    return replace(session, content=flow.version, node=node, tries=tries, trail=_known(session.trail, flow)), same


def _landing(session: Session, flow: Flow) -> str:
    waits = session.case is not None and session.case.state != CLOSED
    return flow.places.person if waits else flow.places.landing


def _known(trail: tuple[str, ...], flow: Flow) -> tuple[str, ...]:
    names = (flow.moves.get(node, node) for node in trail)
    return tuple(node for node in names if node in flow.nodes)
