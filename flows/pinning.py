"""Content that changes under running conversations: each goes on with what it began with, but for what keeps it safe.

The questions, and how their answers are read, stay as they were when the conversation began. What is heard as danger,
what is said to it, and every hotline number are always the newest.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from flows.catalogue import Catalogue, Forms
from flows.definition import Flow, Script
from flows.events import Event, Expired
from flows.graph import WORDS_FOR_PLACES
from flows.loaded import LoadedContent
from flows.nodes import End
from flows.session import Session
from flows.turn import ENDED


def goes_on_with(session: Session, event: Event, old: LoadedContent | None, live: LoadedContent) -> LoadedContent:
    """The content this turn is taken with: the one the session began with (see `as_begun`), or the live one.

    The live one where the content's `moves` name the session's node, where the old one is kept no more, and where the
    conversation is over or was left so long that it begins anew. A timer always belongs to the question it was set at.
    """
    if old is None or session.node in live.flow.moves or _over(session, event, old.flow):
        return live
    return old


def as_begun(old: LoadedContent, live: LoadedContent) -> LoadedContent:
    """The old questions with the newest lexicon, scripts and hotline numbers."""
    scripts = {name: _leading_somewhere(script, old.flow) for name, script in live.flow.scripts.items()}
    flow = replace(
        old.flow, lexicon=live.flow.lexicon, scripts=MappingProxyType({**old.flow.scripts, **scripts}), moves={}
    )
    return replace(old, flow=flow, catalogue=_texts(old.catalogue, live))


def _over(session: Session, event: Event, flow: Flow) -> bool:
    if isinstance(event, Expired):
        return False
    ended = bool(session.memory.get(ENDED)) or isinstance(flow.nodes.get(session.node), End)
    return ended or event.at - session.last_at >= flow.expiry[session.channel]


def _leading_somewhere(script: Script, flow: Flow) -> Script:
    """A follow-up question that the old content does not have is left to a person."""
    known = script.go in flow.nodes or script.go in WORDS_FOR_PLACES or not script.go
    return script if known else replace(script, go=flow.places.person)


def _texts(old: Catalogue, live: LoadedContent) -> Catalogue:
    fixed = frozenset(message for script in live.flow.scripts.values() for message in script.say)
    messages = {code: _words(old.messages[code], live, code, fixed) for code in old.messages}
    return replace(
        old,
        messages=MappingProxyType(messages),
        numbers=MappingProxyType({**old.numbers, **live.catalogue.numbers}),
        line=live.catalogue.line,
    )


def _words(old: Mapping[str, Forms], live: LoadedContent, code: str, fixed: frozenset[str]) -> Mapping[str, Forms]:
    """The old texts, with the scripts as they are now and whatever only the live content has."""
    now = live.catalogue.messages.get(code, {})
    return MappingProxyType({**now, **old, **{name: forms for name, forms in now.items() if name in fixed}})
