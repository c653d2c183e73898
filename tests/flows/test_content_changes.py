"""Content that changes under a conversation: from every node of the old one somewhere safe in every new one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from config import content
from flows import engine
from flows.catalogue import Forms
from flows.definition import PLACE_KINDS, Flow, Script
from flows.events import Answered, Channel, Event, Expired, HungUp, Silent, Started, Via
from flows.loaded import LoadedContent
from flows.nodes import Ask, Choice, Decide, End, Node, Person, Say
from flows.pinning import as_begun, goes_on_with
from flows.session import CaseView, Session
from flows.urgency import Urgency
from tests.flows.builders import NOON, a_session
from tests.flows.test_promises import promises

OLD = content.load()
NODES = sorted(OLD.flow.nodes)
KINDS: dict[str, Node] = {
    "a statement": Say("", ("welcome",), "menu"),
    "a question": Ask("", ("menu",), (Choice(("1",), "menu"),)),
    "a decision": Decide("", (), "menu"),
    "a person": Person("", ("person",), waiting=("wait_paging",)),
    "an end": End("", ("exit",)),
}
EVENTS: tuple[Event, ...] = (
    Answered("x", NOON, "1"),
    Answered("x", NOON, "no"),
    Answered("x", NOON, "0", Via.KEYS),
    Answered("x", NOON, "call"),
    Answered("x", NOON, "i want to kill myself"),
    Answered("x", NOON + timedelta(hours=9), "hello again"),
    Started("x", NOON),
    Silent("x", NOON),
    HungUp("x", NOON),
    Expired("x", NOON, 3, "session"),
    Expired("x", NOON, 3, "checkin"),
)


def place_of(node: str) -> str | None:
    return next((place for place in PLACE_KINDS if getattr(OLD.flow.places, place) == node), None)


def new_contents(node: str) -> Iterator[tuple[str, Flow]]:
    """Every way in which one node can differ in new content: the same, another kind, renamed, gone, moved."""
    flow = replace(OLD.flow, version="newer")
    yield "the same", flow
    place = place_of(node)
    for kind, example in KINDS.items():
        if place is None or type(example) in PLACE_KINDS[place]:
            yield kind, replace(flow, nodes={**flow.nodes, node: replace(example, id=node)})
    if place is None:
        without = {name: one for name, one in flow.nodes.items() if name != node}
        yield "gone", replace(flow, nodes=without)
        yield "moved", replace(flow, nodes=without, moves={node: "q1"})
        yield "moved to nowhere", replace(flow, nodes=without, moves={node: "nowhere"})


@pytest.mark.parametrize("node", NODES)
def test_from_every_old_node_every_event_keeps_the_promises_in_every_new_content(node: str):
    views = (None, CaseView("K", "paging"))
    for _, flow in new_contents(node):
        for view in views:
            session = a_session(flow=OLD.flow, node=node, version=3, turns=3, case=view)
            for event in EVENTS:
                step = engine.step(flow, session, event)
                promises(flow, session, event, step)
                assert step.session.content == "newer"
                if isinstance(event, Answered):
                    assert step.prompts, (node, event)


@pytest.mark.parametrize("node", NODES)
def test_an_answer_is_read_by_another_question_only_where_the_content_promises_it(node: str):
    """`1` must not act as an answer to what was never asked: it may only be asked, said how it stands, or begun anew."""
    for name, flow in new_contents(node):
        session = a_session(flow=OLD.flow, node=node, version=3, turns=3)
        step = engine.step(flow, session, Answered("x", NOON, "1"))
        if name != "moved":
            assert step.session.answers == {}
            assert step.session.urgency is Urgency.ROUTINE or isinstance(flow.nodes[step.session.node], Person)
        elif isinstance(OLD.flow.nodes[node], Ask | Person):
            assert step.session.answers == {"q1": (1,)}


def test_a_node_that_is_gone_lands_where_it_is_said_in_every_language():
    flow = replace(OLD.flow, version="newer", nodes={k: v for k, v in OLD.flow.nodes.items() if k != "q5"})
    for language, words in (("en", "Our menu has changed."), ("es", "El menú ha cambiado.")):
        session = a_session(flow=OLD.flow, node="q5", version=3, turns=3, language=language)
        step = engine.step(flow, session, Answered("x", NOON, "1"))
        assert step.session.node == flow.places.landing
        said = [OLD.catalogue.text(prompt, channel) for prompt in step.prompts for channel in Channel]
        assert all(text.startswith(words) for text in said)


def test_who_waits_for_a_human_goes_on_waiting_when_the_waiting_place_is_gone():
    flow = replace(OLD.flow, version="newer", nodes={k: v for k, v in OLD.flow.nodes.items() if k != "wait_soon"})
    session = a_session(
        flow=OLD.flow, node="wait_soon", version=3, turns=3, case=CaseView("K", "claimed", helper="Ana")
    )
    step = engine.step(flow, session, Answered("x", NOON, "hello?"))
    assert step.session.node == flow.places.person
    assert [prompt.message for prompt in step.prompts] == ["wait_claimed"]


# -- going on with the content it began with ---------------------------------------------------------------------------


def live(**changes: object) -> LoadedContent:
    return replace(OLD, flow=replace(OLD.flow, version="newer", **changes))


def at(node: str, **changes: object) -> Session:
    return a_session(flow=OLD.flow, node=node, version=3, turns=3, **changes)


@pytest.mark.parametrize("node", [name for name in NODES if not isinstance(OLD.flow.nodes[name], End)])
def test_a_conversation_goes_on_with_the_content_it_began_with(node: str):
    assert goes_on_with(at(node), Answered("x", NOON, "1"), OLD, live()) is OLD


def test_an_explicit_move_takes_it_to_the_live_content():
    new = live(moves={"q3": "q4"})
    assert goes_on_with(at("q3"), Answered("x", NOON, "1"), OLD, new) is new


def test_without_the_old_content_it_goes_on_in_the_live_one():
    new = live()
    assert goes_on_with(at("q3"), Answered("x", NOON, "1"), None, new) is new


def test_a_conversation_that_is_over_begins_with_the_live_content():
    new, answer = live(), Answered("x", NOON, "1")
    assert goes_on_with(at("exit"), answer, OLD, new) is new
    assert goes_on_with(at("q3", memory={"ended": "1"}), answer, OLD, new) is new


def test_who_comes_back_after_the_expiry_of_the_channel_goes_on_in_the_live_content():
    new = live()
    assert goes_on_with(at("q3"), Answered("x", NOON + timedelta(hours=4), "1"), OLD, new) is new
    assert goes_on_with(at("q3"), Answered("x", NOON + timedelta(hours=3), "1"), OLD, new) is OLD
    on_call = at("q3", channel=Channel.VOICE)
    assert goes_on_with(on_call, Answered("x", NOON + timedelta(minutes=5), "1"), OLD, new) is new


def test_a_timer_belongs_to_the_question_it_was_set_at():
    late = Expired("x", NOON + timedelta(hours=4), 3, "session")
    assert goes_on_with(at("q1"), late, OLD, live()) is OLD


def test_old_questions_speak_with_the_newest_lexicon_scripts_and_numbers():
    script = replace(OLD.flow.scripts["od"], say=("od_new",), go="contact")
    strange = Script("strange", ("od_new",), "only_in_new", Urgency.URGENT)
    scripts = {"od": script, "strange": strange, "here": replace(strange, id="here", go="@same")}
    english = {**OLD.catalogue.messages["en"], "od_new": Forms("new", "new"), "q1": Forms("q1 new", "q1 new")}
    catalogue = replace(
        OLD.catalogue,
        messages=MappingProxyType({"en": MappingProxyType(english)}),
        numbers=MappingProxyType({"emergency": replace(OLD.catalogue.numbers["emergency"], dial="112")}),
    )
    lexicon = replace(OLD.flow.lexicon, set_count=OLD.flow.lexicon.set_count)
    new = replace(live(scripts=scripts, lexicon=lexicon), catalogue=catalogue)
    pinned = as_begun(OLD, new)
    assert pinned.flow.version == OLD.flow.version
    assert pinned.flow.lexicon is lexicon
    assert pinned.flow.scripts["od"].say == ("od_new",)
    assert pinned.flow.scripts["strange"].go == OLD.flow.places.person
    assert pinned.flow.scripts["here"].go == "@same"
    assert pinned.flow.scripts["wd"] == OLD.flow.scripts["wd"]
    assert pinned.catalogue.numbers["emergency"].dial == "112"
    assert pinned.catalogue.numbers["poison"] == OLD.catalogue.numbers["poison"]
    assert pinned.catalogue.messages["en"]["od_new"].sms == "new"
    assert pinned.catalogue.messages["en"]["q1"] == OLD.catalogue.messages["en"]["q1"]
    assert pinned.catalogue.messages["es"]["q1"] == OLD.catalogue.messages["es"]["q1"]
