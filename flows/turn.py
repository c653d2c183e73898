"""One turn while it is being decided: the session as it is becoming, and what has been said and done so far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from flows.definition import Flow
from flows.events import Channel
from flows.nodes import Ask, Node
from flows.session import Answer, CaseView, Session
from flows.step import (
    NOTHING,
    AskForPerson,
    CaseNote,
    Effect,
    GiveConsent,
    GiveSafeTimes,
    NeedPerson,
    Prompt,
    Remember,
    TextThis,
    UseNumber,
    Withdraw,
)
from flows.triage import level
from flows.urgency import Urgency

CLOSED = "closed"
WITH_A_HUMAN = frozenset({"claimed", "bridging", "connected"})
NEEDED = "needed"  # memory: this conversation has asked for a human
DANGER = "danger"  # memory: danger was heard
WATCH = "watch"  # memory: how many check-ins have gone out since
AFTER = "resume"  # memory: the question the flow turned aside from
OFFERED = "offered"  # memory: FAQ entries offered by number
GUESSED = "guessed"  # memory: the caller was asked whether to go on in another language
GONE = "gone"  # memory: the call has ended
CHECKED = "checked"  # memory: danger was asked about because of something written
STOPPED = "stopped"  # memory: the caller wants no texts from us, and that was confirmed to them once
ENDED = "ended"  # memory: the conversation is over (opt-out), whatever its node
NUMBER = "number"  # memory: the number the caller gave to be called back at
RECORDING = "recording"  # memory: the spoken message recorded last
TOLD = "told"  # memory: the messages that answered the last question
UNHURRIED = "unhurried"  # memory: the caller asked for more time in this call
LEFT = "left"  # memory: the last question was left open for good, and nothing has come since
HELPED = "helped"  # memory: what was asked for is settled, and nothing has been said or pressed since


def as_dialled(number: str) -> str:
    """A number the way people say it: ten digits in three groups where it is one of the North American plan."""
    home = number.removeprefix("+1")
    return f"{home[:3]}-{home[3:6]}-{home[6:]}" if number.startswith("+1") and len(home) == 10 else number


@dataclass(frozen=True, slots=True)
class Turn:
    """Immutable; every method gives the turn with one thing more said, done or known."""

    flow: Flow
    session: Session
    at: datetime
    prompts: tuple[Prompt, ...] = ()
    effects: tuple[Effect, ...] = ()

    @property
    def node(self) -> Node:
        """The node the conversation is at."""
        return self.flow.nodes[self.session.node]

    @property
    def case(self) -> CaseView | None:
        """The caller's case while it is open."""
        case = self.session.case
        return None if case is None or case.state == CLOSED else case

    @property
    def first(self) -> bool:
        """True in the first turn of a conversation."""
        return self.session.turns == 1

    @property
    def in_danger(self) -> bool:
        """True when only a human may say that this caller needs nobody."""
        return self.recalls(DANGER) or self.session.urgency is Urgency.EMERGENCY

    def recalls(self, what: str) -> bool:
        """Whether the conversation's memory holds anything under this name."""
        return bool(self.session.memory.get(what))

    def say(self, messages: tuple[str, ...], params: Mapping[str, str] = NOTHING) -> "Turn":
        """Say messages in the language of the node or of the caller."""
        node = self.flow.nodes.get(self.session.node)
        language = (node.speaks if isinstance(node, Ask) else "") or self.session.language
        if number := self.session.memory.get(NUMBER):
            params = {"number": as_dialled(number), **params}
        new = tuple(Prompt(message, language, params) for message in messages)
        return Turn(self.flow, self.session, self.at, self.prompts + new, self.effects)

    def at_node(self, node: str) -> "Turn":
        """Be at another node; the count of answers not understood begins anew."""
        if node == self.session.node:
            return self
        return self.with_session(replace(self.session, node=node, tries=0))

    def with_session(self, session: Session) -> "Turn":
        """The same turn with another session."""
        return Turn(self.flow, session, self.at, self.prompts, self.effects)

    def remember(self, **what: str) -> "Turn":
        """Keep words in the conversation's memory; an empty word is forgotten."""
        memory = {key: value for key, value in {**self.session.memory, **what}.items() if value}
        if memory == self.session.memory:
            return self
        return self.with_session(replace(self.session, memory=MappingProxyType(memory)))

    def do(self, *effects: Effect) -> "Turn":
        """Ask for effects; those that concern the conversation itself are taken over into it."""
        turn = self
        for effect in effects:
            turn = turn._did(effect)
        return turn

    def _did(self, effect: Effect) -> "Turn":  # noqa: PLR0911  one line for each effect
        if isinstance(effect, Withdraw) and self.in_danger:
            return self.say(self.flow.lines.keep_case)
        if isinstance(effect, AskForPerson):
            return self if self.recalls(NEEDED) else self._with_answers().need(self.session.urgency, "asked")
        if isinstance(effect, GiveSafeTimes):
            return self._safe_at(effect.names)
        turn = replace(self, effects=(*self.effects, effect))
        match effect:
            case Remember("language", code) if code in self.flow.languages:
                return turn.speaking(code).remember(language=code)
            case Remember(what, value):
                return turn.remember(**{what: value})
            case GiveConsent(consent):
                return turn.remember(consent=consent.value)
            case UseNumber():
                return turn.remember(withheld="")
            case TextThis():
                told = tuple(self.session.memory.get(TOLD, "").split())
                return replace(self, effects=(*self.effects, TextThis(told))) if told else self
            case Withdraw():
                return turn.remember(**{NEEDED: "", HELPED: "1"})
            case _:
                return turn

    def _safe_at(self, names: tuple[str, ...]) -> "Turn":
        """Safe times; several that are named in one answer hold together."""
        others = tuple(effect for effect in self.effects if not isinstance(effect, GiveSafeTimes))
        named = (name for effect in self.effects if isinstance(effect, GiveSafeTimes) for name in effect.names)
        together = tuple(dict.fromkeys((*named, *names)))
        times = tuple(self.flow.safe_times[name] for name in together)
        return replace(self, effects=(*others, GiveSafeTimes(together, times)))

    def on(self, channel: Channel) -> "Turn":
        """The caller is now on this channel, and there."""
        there = self if channel is self.session.channel else self.with_session(replace(self.session, channel=channel))
        return there.remember(**{GONE: ""})

    def tried(self, tries: int) -> "Turn":
        """So many answers to the present question were not understood."""
        return self if tries == self.session.tries else self.with_session(replace(self.session, tries=tries))

    def speaking(self, language: str) -> "Turn":
        """Go on in another language."""
        return self.with_session(replace(self.session, language=language))

    def need(self, urgency: Urgency, reason: str, dangers: tuple[str, ...] = ()) -> "Turn":
        """Ask for a human at this urgency or the conversation's, whichever is higher."""
        highest = max(urgency, self.session.urgency)
        raised = self.with_session(replace(self.session, urgency=highest)).remember(**{NEEDED: "1"})
        return raised.do(NeedPerson(highest, reason, dangers))

    def raise_to(self, urgency: Urgency, reason: str) -> "Turn":
        """Let the urgency be at least this, and ask for a human where that is news and the content wants it."""
        news = urgency > self.session.urgency or not self.recalls(NEEDED)
        if urgency >= self.flow.page_from and news:
            return self._with_answers().need(urgency, reason)
        if urgency <= self.session.urgency:
            return self
        return self.with_session(replace(self.session, urgency=urgency))

    def answer(self, question: str, given: Answer) -> "Turn":
        """Store an answer, tell staff where there is a case, and ask for a human as soon as the table says so."""
        if not question:
            return self
        answers = MappingProxyType({**self.session.answers, question: given})
        turn = self.with_session(replace(self.session, answers=answers))
        if self.recalls(NEEDED):
            turn = turn.do(CaseNote("answer", _written(question, given)))
        return turn.raise_to(level(self.flow.triage, answers), "triage") if self.scored(question) else turn

    def scored(self, question: str) -> bool:
        """Whether the question is one of the triage table's."""
        return question in self.flow.triage.questions

    def _with_answers(self) -> "Turn":
        """What was answered before staff were needed goes to them with the need."""
        if self.recalls(NEEDED):
            return self
        return self.do(*(CaseNote("answer", _written(q, given)) for q, given in self.session.answers.items()))


def _written(question: str, given: Answer) -> str:
    return f"{question} {'-' if given is None else ','.join(map(str, given))}"
