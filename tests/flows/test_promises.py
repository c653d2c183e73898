"""What must hold for every caller whatever they do: random conversations against the promises of the design.

The machine walks the shipped content and a made-up helpline. Its case follows what the steps ask for, as the store's does.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from config import content
from flows import engine
from flows.definition import PLACE_KINDS, Flow
from flows.dropped import DROPPED, carried_over
from flows.events import Answered, Channel, Event, Expired, HungUp, Silent, Started, Via
from flows.nodes import Ask, End, Person
from flows.session import CaseView, Session
from flows.step import NeedPerson, OptOut, Step, Timer, Wait, Withdraw
from flows.triage import level
from flows.turn import STOPPED
from flows.urgency import Urgency
from tests.flows.builders import FLOW, NOON, Talk, a_session, need

SHIPPED = content.load().flow
FLOWS = {"shipped": SHIPPED, "made up": FLOW}
WORDS = (
    *(
        [
            "yes",
            "no",
            "0",
            "1",
            "2",
            "3",
            "4",
            "5",
            "8",
            "9",
            "13",
            "*",
            "#",
            "hi",
            "STOP",
            "START",
            "HELP",
            "menu",
            "back",
            "repeat",
            "call",
            "persona",
            "español",
            "english",
            "x",
            "delete",
        ]
    ),
    *("how do i tie a bowline knot", "is ketamine an opioid", "hola que tal", "boat sinking", "quite damp", "", " "),
    *("she won't wake up", "i want to kill myself", "1 and 3", "no thanks", "never mind", "flibberty gibbets"),
)
texts = st.one_of(st.sampled_from(WORDS), st.text(max_size=40), st.text(alphabet="0123456789*#", max_size=4))
states = st.sampled_from(["open", "paging", "claimed", "bridging", "connected"])


def events() -> st.SearchStrategy[Event]:
    ids = st.sampled_from([f"e{n}" for n in range(6)])
    at = st.integers(0, 100_000).map(lambda s: NOON + timedelta(seconds=s))
    version = st.integers(0, 8)
    return st.one_of(
        st.builds(Answered, ids, at, texts, st.sampled_from(Via), st.sampled_from(["", "", "STOP", "START", "HELP"])),
        st.builds(Started, ids, at),
        st.builds(Silent, ids, at),
        st.builds(HungUp, ids, at),
        st.builds(Expired, ids, at, version, st.sampled_from(["session", "checkin", "else"])),
    )


def again(session: Session) -> Session:
    return Session.from_json(session.to_json())


def promises(flow: Flow, before: Session, event: Event, step: Step) -> None:
    """What every single step must keep."""
    after = step.session
    void = isinstance(event, Expired) and event.of_version != before.version
    repeated = before.last_event == event.id
    assert engine.step(flow, again(before), event) == step, "the same session and event give the same step"
    assert again(after) == after
    if void or repeated:
        assert after is before
        assert step.effects == ()
        return
    assert after.version == before.version + 1
    assert after.urgency >= before.urgency or after.started_at != before.started_at
    assert after.node in flow.nodes
    waits = isinstance(flow.nodes[after.node], Ask | Person | End) or step.listen.wait is Wait.END
    relayed = after.case is not None and after.case.relay
    assert waits or relayed or not step.prompts, "whoever is spoken to is asked, awaited or told goodbye"
    second = engine.step(flow, after, replace(event))
    assert (second.session, second.prompts, second.listen, second.effects) == (after, step.prompts, step.listen, ())
    assert all(prompt.language in flow.languages for prompt in step.prompts)
    assert sum(isinstance(effect, NeedPerson) for effect in step.effects) <= 1
    asked_for = need(step)
    assert asked_for is None or (asked_for.urgency == after.urgency and step.effects[0] is asked_for)
    if step.listen.wait is Wait.END:
        assert not any(isinstance(effect, Timer) and effect.name == "checkin" for effect in step.effects)


@pytest.mark.parametrize("name", FLOWS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_history_of_events_keeps_the_promises(name, data):
    flow = FLOWS[name]
    session = a_session(data.draw(st.sampled_from(Channel)), flow)
    for event in data.draw(st.lists(events(), max_size=12)):
        view = data.draw(st.none() | st.builds(CaseView, st.just("K"), states | st.just("closed"), relay=st.booleans()))
        before = session.seen_with(view)
        step = engine.step(flow, before, event)
        promises(flow, before, event, step)
        session = again(step.session)


@settings(max_examples=150)
@given(st.text(max_size=1700), st.sampled_from(sorted(SHIPPED.nodes)), st.sampled_from(Via))
def test_any_text_at_any_node_gives_a_step(text, node, via):
    session = a_session(flow=SHIPPED, node=node, version=3, turns=3)
    step = engine.step(SHIPPED, session, Answered("x", NOON, text, via))
    promises(SHIPPED, session, Answered("x", NOON, text, via), step)


@pytest.mark.parametrize("node", sorted(SHIPPED.nodes))
def test_from_every_node_a_person_is_one_word_and_never_more_than_three_keys_away(node):
    at_node = a_session(flow=SHIPPED, node=node, version=3, turns=3)
    spoken = engine.step(SHIPPED, at_node, Answered("x", NOON, "call"))
    assert isinstance(SHIPPED.nodes[spoken.session.node], Person)
    assert need(spoken) is not None
    assert any(_pressed(at_node, "0" * presses) for presses in (1, 2, 3))


def _pressed(session: Session, keys: str) -> bool:
    for n, key in enumerate(keys):
        session = again(engine.step(SHIPPED, session, Answered(f"k{n}", NOON, key, Via.KEYS)).session)
    return isinstance(SHIPPED.nodes[session.node], Person)


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("node", sorted(SHIPPED.nodes))
def test_silence_and_nonsense_lead_to_a_person_or_an_end_and_never_round_for_ever(node, channel):
    for give in (Talk.silence, lambda talk: talk.press("#5#") if channel is Channel.VOICE else talk.text("flibberty")):
        talk = Talk(flow=SHIPPED, session=a_session(channel, SHIPPED, node=node, version=3, turns=3))
        for _ in range(2 * len(SHIPPED.nodes)):
            step = give(talk)
            if isinstance(SHIPPED.nodes[step.session.node], Person):
                break
        assert isinstance(SHIPPED.nodes[talk.session.node], Person), node


@pytest.mark.parametrize("old", sorted({*SHIPPED.nodes, "a_node_that_is_gone"}))
def test_every_old_node_lands_somewhere_in_new_content(old):
    new = replace(SHIPPED, version="newer", moves={})
    session = a_session(flow=SHIPPED, node=old, version=3, turns=3)
    for text in ("1", "no", "call", "i want to kill myself"):
        step = engine.step(new, session, Answered("x", NOON, text))
        promises(new, session, Answered("x", NOON, text), step)
        assert step.session.content == "newer"
        assert step.prompts


SPARE = {
    name: sorted(
        flow.nodes.keys()
        - {getattr(flow.places, place) for place in PLACE_KINDS}
        - {tongue.confirm for tongue in flow.tongues}
    )
    for name, flow in FLOWS.items()
}
TURNS = 0


class Caller(RuleBasedStateMachine):
    """A caller on either channel, with duplicates, silence, hang-ups, late timers, staff at work and content changes."""

    @initialize(name=st.sampled_from(sorted(FLOWS)), channel=st.sampled_from(Channel))
    def arrives(self, name: str, channel: Channel) -> None:
        self.name, self.flow = name, FLOWS[name]
        self.session = a_session(channel, self.flow)
        self.now, self.count = NOON, 0
        self.open: Urgency | None = None
        self.in_danger = self.closed_by_staff = self.withdrawn = False
        self.past: list[Event] = []
        self.step: Step | None = None
        self.stopped_again = (
            False  # whether it was a STOP of somebody who had been told already that texts have stopped
        )
        self.relayed = False  # whether a staff member was writing when the last event was first heard

    def _id(self) -> str:
        self.count += 1
        return f"e{self.count}"

    def _give(self, event: Event) -> None:
        global TURNS  # noqa: PLW0603  the count of the whole run is what the last test asks for
        TURNS += 1
        before = self.session
        self.step = engine.step(self.flow, before, event)
        promises(self.flow, before, event, self.step)
        if event.id != before.last_event:
            self.relayed = before.case is not None and before.case.relay
            stops = any(isinstance(effect, OptOut) for effect in self.step.effects)
            self.stopped_again = stops and bool(before.memory.get(STOPPED))
        self._commit(self.step)
        self.session = again(self.step.session)
        self.past.append(event)

    def _commit(self, step: Step) -> None:
        """The case as the store would have it."""
        for effect in step.effects:
            match effect:
                case NeedPerson(urgency):
                    self.open = max(urgency, self.open or urgency)
                    self.closed_by_staff = self.withdrawn = False
                    self.in_danger |= bool(effect.dangers) or urgency is Urgency.EMERGENCY
                case Withdraw():
                    assert not self.in_danger, "only a human ends a case in danger"
                    self.open, self.withdrawn = None, True
                case OptOut():
                    assert step.listen.wait is Wait.END
        if self.open is None:
            self.in_danger = False
        elif step.session.case is None:
            self._shown("paging")

    def _shown(self, state: str, *, relay: bool = False) -> None:
        self.session = self.session.seen_with(CaseView("K", state, relay=relay))

    @rule(text=texts, via=st.sampled_from(Via))
    def answers(self, text: str, via: Via) -> None:
        self._show_case()
        self._give(Answered(self._id(), self.now, text, via))

    @rule(event=st.sampled_from([Started, Silent, HungUp]))
    def is_on_a_call(self, event: type[Started | Silent | HungUp]) -> None:
        self._show_case()
        self._give(event(self._id(), self.now))

    @rule(timer=st.sampled_from(["session", "checkin"]), late=st.booleans())
    def lets_time_pass(self, timer: str, late: bool) -> None:  # noqa: FBT001
        version = max(0, self.session.version - late)
        self._show_case()
        self._give(Expired(self._id(), self.now, version, timer))

    @rule()
    def is_cut_off_and_goes_on_by_text(self) -> None:
        """The call drops; where there is something to go on with, it goes on in the conversation by text."""
        self._show_case()
        self._give(HungUp(self._id(), self.now))
        if self.step is not None and self.step.prompts:
            self.session = again(carried_over(self.session, None, "sms-c"))
            self._show_case()
            self._give(Expired(self._id(), self.now, self.session.version, DROPPED))

    @rule(hours=st.integers(0, 6))
    def goes_away(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: self.past)
    @rule()
    def is_heard_twice(self) -> None:
        self._give(self.past[-1])

    @precondition(lambda self: self.open is not None)
    @rule(state=states, relay=st.booleans())
    def is_helped(self, state: str, relay: bool) -> None:  # noqa: FBT001
        self._shown(state, relay=relay and state == "claimed")

    @precondition(lambda self: self.open is not None)
    @rule()
    def is_helped_to_the_end(self) -> None:
        self.open, self.in_danger, self.closed_by_staff = None, False, True

    @rule(dropped=st.integers(0, 100), moved=st.booleans())
    def gets_new_content(self, dropped: int, moved: bool) -> None:  # noqa: FBT001
        """New content without one of the nodes the engine can do without; sometimes it says where that one went."""
        whole, spare = FLOWS[self.name], SPARE[self.name]
        gone = spare[dropped % len(spare)]
        self.flow = replace(
            whole,
            version=f"{self.flow.version}+",
            nodes={name: node for name, node in whole.nodes.items() if name != gone},
            moves={gone: self.flow.places.check} if moved else {},
        )

    def _show_case(self) -> None:
        if self.open is None:
            self.session = self.session.seen_with(None)
        elif self.session.case is None:
            self._shown("paging")

    @invariant()
    def nobody_is_left_without_a_way_to_a_person(self) -> None:
        if self.step is None:
            return
        asked = engine.step(self.flow, self.session, Answered("asked", self.now, "call"))
        relayed = self.session.case is not None and self.session.case.relay
        assert relayed or isinstance(self.flow.nodes[asked.session.node], Person)

    @invariant()
    def nobody_waits_for_a_human_without_a_case(self) -> None:
        if self.step is None or not isinstance(self.flow.nodes.get(self.session.node), Person):
            return
        assert self.open is not None or self.closed_by_staff

    @invariant()
    def the_level_of_the_answers_has_a_case(self) -> None:
        if self.step is None or self.closed_by_staff or self.withdrawn:
            return
        assert self.open is not None or level(self.flow.triage, self.session.answers) < self.flow.page_from

    @invariant()
    def nobody_hears_nothing(self) -> None:
        """Without words: a staff member writes, the carrier answered, a timer rang, or STOP was confirmed once before."""
        if self.step is None or not self.past or not isinstance(self.past[-1], Answered | Started | Silent):
            return
        silent = self.relayed or self.stopped_again
        assert self.step.prompts or silent or self.step.session.last_event != self.past[-1].id


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
def test_ten_thousand_random_turns_with_content_changed_underneath_keep_every_promise() -> None:
    """One machine for all: duplicates, silence, hang-ups, late timers and new content in the middle."""
    run_state_machine_as_test(
        Caller,
        settings=settings(
            max_examples=320,
            stateful_step_count=80,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            phases=(
                Phase.explicit,
                Phase.reuse,
                Phase.generate,
            ),  # shrinking takes minutes; a history reads well as it is
        ),
    )
    assert TURNS >= 10_000
