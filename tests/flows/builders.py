"""A small helpline of a made-up kind, so that nothing here depends on the shipped content."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flows import engine
from flows.definition import Command, CommandWords, FaqEntry, Flow, Lines, Offers, Places, Script, Tongue
from flows.events import Answered, Channel, Event, Expired, HungUp, Silent, Started, Via
from flows.nodes import (
    BACK,
    RESUME,
    SAME,
    Ask,
    Branch,
    CaseIs,
    Choice,
    Decide,
    End,
    Free,
    Node,
    On,
    Person,
    Remembered,
    Say,
    UrgencyIs,
)
from flows.safety import Danger, EntrySource, Lexicon, Source, compile_lexicon
from flows.session import CaseView, Session
from flows.step import (
    CaseNote,
    Consent,
    Effect,
    Forget,
    GiveConsent,
    NeedPerson,
    Rate,
    Remember,
    Step,
    Withdraw,
)
from flows.triage import Gave, Rule, Table, Unanswered
from flows.urgency import Urgency

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def a_lexicon() -> Lexicon:
    keywords = {
        "stop": frozenset({"stop", "alto"}),
        "start": frozenset({"start"}),
        "help": frozenset({"help"}),
        "person": frozenset({"call", "person"}),
    }
    entries = (
        EntrySource("sinking", Danger.OVERDOSE, Urgency.EMERGENCY, ("boat sinking", "barco se hunde")),
        EntrySource("leaking", Danger.WITHDRAWAL, Urgency.SOON, ("boat leaking",)),
        EntrySource("silent", Danger.BLADDER, Urgency.URGENT, ("mast broken",)),
        EntrySource("vague", Danger.SHELTER, Urgency.URGENT, ("very wet",), ask=True),
        EntrySource("doubt", Danger.MINOR, Urgency.ROUTINE, ("quite damp",), ask=True),
    )
    source = Source(
        families={},
        entries=entries,
        lists={"stop_phrases": ("no more texts",), "person_phrases": ("talk to someone",)},
        expansions={},
        fillers=frozenset(),
        emoji={},
        disguised=(),
        misspelled=frozenset(),
        real_words=frozenset(),
        keywords=keywords,
        scripts={Danger.OVERDOSE: "sinking", Danger.WITHDRAWAL: "leaking", Danger.SHELTER: "wet", Danger.MINOR: "wet"},
    )
    return compile_lexicon(source)


ENGLISH = Tongue(
    "en",
    words=("english",),
    marks=frozenset({"the", "is", "my", "what"}),
    numbers={"zero": "0", "one": "1", "two": "2", "three": "3"},
    polite=frozenset({"please", "option", "i", "think", "the"}),
    joins=frozenset({"and"}),
    turns=frozenset({"but"}),
)
SPANISH = Tongue(
    "es",
    words=("español", "espanol", "spanish"),
    marks=frozenset({"el", "la", "mi", "que", "se", "hola"}),
    confirm="in_spanish",
    numbers={"uno": "1", "dos": "2"},
    polite=frozenset({"por", "favor"}),
    joins=frozenset({"y"}),
    turns=frozenset({"pero"}),
)
YES = {"en": ("yes", "yes i do"), "es": ("sí",)}
NO = {"en": ("no",), "es": ("no",)}
LINES = Lines(**{name: (name,) for name in Lines.__dataclass_fields__})
PLACES = Places(
    start="welcome",
    menu="menu",
    person="person",
    exit="exit",
    farewell="farewell",
    survey="survey",
    landing="landing",
    welcome_back="welcome_back",
    check="q1",
    check_in="check_in",
    delete="delete",
)
NODES: tuple[Node, ...] = (
    Say("welcome", ("welcome",), "menu"),
    Ask(
        "menu",
        ("menu",),
        (
            Choice(("1",), "q1", {"en": ("get help", "sailing"), "es": ("ayuda",)}),
            Choice(("2",), "callback", {"en": ("call back",)}),
            Choice(("3",), SAME, {"en": ("castellano",)}, does=(Remember("language", "es"),)),
            Choice(("4",), "bye"),
            Choice(("5",), "note"),
            Choice(("6",), BACK),
            Choice(("7",), "router"),
        ),
        again=("menu_again",),
        free=Free.FAQ,
    ),
    Ask(
        "q1",
        ("q1",),
        (
            Choice(("1",), "", YES, value=1, script="sinking"),
            Choice(("2",), "q2", {"en": ("leaking",)}, value=2, script="leaking"),
            Choice(("0",), "q2", NO, value=0),
        ),
        again=("q1_again",),
        question="q1",
        unclear_go="q2",
    ),
    Ask(
        "q2",
        ("q2",),
        (
            Choice(("1",), "result", {"en": ("sails", "torn sails")}, value=1),
            Choice(("2",), "result", {"en": ("engine",)}, value=2, level=Urgency.URGENT, says=("engine",)),
            Choice(("0",), "result", {"en": ("none", "nothing")}, value=0),
        ),
        question="q2",
        several=True,
        digits=None,
        unclear_go="result",
    ),
    Decide(
        "result",
        (
            Branch((UrgencyIs(Urgency.URGENT), CaseIs(frozenset({"none"}))), "person"),
            Branch((UrgencyIs(Urgency.SOON),), "contact"),
        ),
        "done",
    ),
    Decide(
        "router",
        (
            Branch((On(Channel.VOICE),), "done"),
            Branch((Remembered("consent", "call_only"),), "bye"),
            Branch((Unanswered("q1"),), "note"),
            Branch((Gave("q1", frozenset({0})),), "callback"),
        ),
        "loop_a",
    ),
    Say("loop_a", ("loop",), "loop_b"),
    Say("loop_b", (), "loop_a"),
    Say("done", ("done",), SAME),
    Ask(
        "contact",
        ("contact",),
        (
            Choice(("1",), "person", YES, does=(GiveConsent(Consent.CALL_ONLY),)),
            Choice(("2",), "gone_node", NO, does=(GiveConsent(Consent.NO_CONTACT),)),
        ),
    ),
    Ask("note", ("note",), (Choice(("1",), BACK),), free=Free.NOTE),
    Ask("callback", ("callback",), (Choice(("1",), "menu"),), free=Free.NUMBER, unclear_go="menu", digits=None),
    Person(
        "person",
        ("person",),
        waiting=("waiting",),
        states={"claimed": ("claimed",)},
        choices=(
            Choice(("1",), "", YES, does=(GiveConsent(Consent.CALL_ONLY),), says=("kept",)),
            Choice(("2",), "withdrawn", {"en": ("never mind",)}, does=(Withdraw(),)),
            Choice(("3",), ""),
        ),
    ),
    Say("withdrawn", ("withdrawn",), "menu"),
    End("bye", ("bye",)),
    End("exit", ("exit",)),
    End("farewell", ("farewell",)),
    Ask("survey", ("survey",), (Choice(("1",), "bye", YES, does=(Rate(helped=True),)),), unclear_go="menu"),
    Ask("landing", ("landing",), (Choice(("1",), "menu"),)),
    Ask("welcome_back", ("welcome_back",), (Choice(("1",), RESUME, YES), Choice(("2",), "menu", NO))),
    Ask("check_in", ("check_in",), (Choice(("1",), RESUME, YES, does=(CaseNote("safe", "safe"),)),), again=("still",)),
    Ask("delete", ("delete",), (Choice(("1",), "bye", YES, does=(Forget(),)), Choice(("2",), RESUME, NO))),
    Ask(
        "in_spanish",
        ("in_spanish",),
        (Choice(("1",), RESUME, YES, does=(Remember("language", "es"),)), Choice(("2",), RESUME, NO)),
        unclear_go=RESUME,
        speaks="es",
    ),
)
TABLE = Table(
    ("q1", "q2"),
    (
        Rule(Urgency.EMERGENCY, (Gave("q1", frozenset({1})),)),
        Rule(Urgency.URGENT, (Unanswered("q1"),)),
        Rule(Urgency.SOON, (Gave("q2", frozenset({1})),)),
        Rule(Urgency.SOON, (Unanswered("q2"),)),
    ),
)
COMMANDS = (
    CommandWords(Command.PERSON, ("0", "*0"), {"en": ("person",), "es": ("persona",)}),
    CommandWords(Command.EXIT, ("8",), {"en": ("x",)}),
    CommandWords(Command.REPEAT, ("9", "*"), {"en": ("repeat",)}),
    CommandWords(Command.MENU, (), {"en": ("menu",)}),
    CommandWords(Command.BACK, (), {"en": ("back",)}),
    CommandWords(Command.HELP, (), {"en": ("what is this",)}),
    CommandWords(Command.DELETE, (), {"en": ("delete",)}),
)
FAQ = (
    FaqEntry(
        "knots",
        ("knots",),
        {"en": ("how do i tie a bowline knot",), "es": ("que nudo hago con la cuerda",)},
        "offer_knots",
    ),
    FaqEntry("wind", ("wind",), {"en": ("which way does the wind blow",)}, "offer_wind", go="callback"),
    FaqEntry("breeze", ("breeze",), {"en": ("which way does the breeze blow",)}, "offer_breeze"),
)
SCRIPTS = (
    Script("sinking", ("sinking",), "contact", Urgency.EMERGENCY),
    Script("leaking", ("leaking",), "", Urgency.SOON, check_in=False),
    Script("wet", ("wet",), "contact", Urgency.URGENT),
)


def a_flow(*more: Node, without: Iterable[str] = (), **changes: Any) -> Flow:
    nodes = {node.id: node for node in (*NODES, *more) if node.id not in set(without)}
    flow = Flow(
        version="v1",
        nodes=nodes,
        places=PLACES,
        lines=LINES,
        tongues=(ENGLISH, SPANISH),
        lexicon=LEXICON,
        commands=COMMANDS,
        scripts={script.id: script for script in SCRIPTS},
        triage=TABLE,
        faq=FAQ,
        offers=Offers(YES, {"en": ("no", "none of those"), "es": ("no", "ninguna")}, ("none_meant",)),
    )
    return replace(flow, **changes)


LEXICON = a_lexicon()
FLOW = a_flow()


def a_session(channel: Channel = Channel.SMS, flow: Flow = FLOW, **changes: Any) -> Session:
    session = engine.begin(flow, id="s", caller_key="c", channel=channel, language="en", at=NOON)
    return replace(session, **changes)


class Talk:
    """A caller and the line, turn by turn; the session goes through JSON between any two turns."""

    def __init__(self, channel: Channel = Channel.SMS, flow: Flow = FLOW, session: Session | None = None) -> None:
        self.flow = flow
        self.session = session or a_session(channel, flow)
        self.now = NOON
        self.count = 0

    def _event_id(self) -> str:
        self.count += 1
        return f"e{self.count}"

    def give(self, event: Event) -> Step:
        """One turn, after which a case that was asked for is there, as the store would have it."""
        step = engine.step(self.flow, self.session, event)
        self.session = Session.from_json(step.session.to_json())
        if need(step) and (self.session.case is None or self.session.case.state == "closed"):
            self.case()
        if of(step, Withdraw):
            self.case(None)
        return step

    def text(self, text: str, carrier: str = "", number: str = "") -> Step:
        return self.give(Answered(self._event_id(), self.now, text, Via.TEXT, carrier, number))

    def press(self, digits: str) -> Step:
        return self.give(Answered(self._event_id(), self.now, digits, Via.KEYS))

    def speak(self, text: str) -> Step:
        return self.give(Answered(self._event_id(), self.now, text, Via.SPEECH))

    def call(self) -> Step:
        return self.give(Started(self._event_id(), self.now))

    def silence(self) -> Step:
        return self.give(Silent(self._event_id(), self.now))

    def hang_up(self) -> Step:
        return self.give(HungUp(self._event_id(), self.now))

    def ring(self, timer: str, version: int | None = None) -> Step:
        at = self.session.version if version is None else version
        return self.give(Expired(self._event_id(), self.now, at, timer))

    def later(self, **ago: float) -> "Talk":
        self.now += timedelta(**ago)
        return self

    def case(self, state: str | None = "paging", *, relay: bool = False, helper: str = "") -> "Talk":
        view = None if state is None else CaseView("K7", state, tried=2, helper=helper, relay=relay)
        self.session = self.session.seen_with(view)
        return self


def said(step: Step) -> list[str]:
    return [prompt.message for prompt in step.prompts]


def of(step: Step, kind: type[Effect]) -> list[Any]:
    return [effect for effect in step.effects if isinstance(effect, kind)]


def need(step: Step) -> NeedPerson | None:
    needs = of(step, NeedPerson)
    return needs[0] if needs else None
