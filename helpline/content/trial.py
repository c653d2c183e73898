"""A conversation tried out without telephones: one answer given by text and by call, and everything it leads to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from textwrap import wrap

from flows.dropped import DROPPED, carried_over
from flows.engine import begin, step
from flows.events import Answered, Channel, Event, Expired, HungUp, Silent, Started, Via
from flows.loaded import LoadedContent
from flows.session import CaseView, Session
from flows.step import Effect, NeedPerson, Remember, Step, Timer, Wait, Withdraw
from flows.urgency import Urgency

HELPER = "Ana"
CODE = "7F3K"
STATES = ("open", "paging", "claimed", "bridging", "connected", "closed")
FIRST, QUIT = "/first", "/quit"
COMMANDS = (
    "/sms TEXT, /voice WORDS, /silence, /hangup, /call, /again, /wait SECONDS, /quit and /case STATE, where a state is "
    "one of " + ", ".join(STATES)
)


@dataclass(frozen=True, slots=True)
class Said:
    """What one channel gave: the texts, how it waits, and what happens behind it."""

    texts: tuple[str, ...]
    node: str
    urgency: Urgency
    wait: str
    effects: tuple[str, ...]

    def lines(self, width: int) -> Iterator[str]:
        """The lines of one column."""
        for text in self.texts:
            yield from wrap(text, width) or ("",)
        if self.node:
            yield f"  [{self.node} · {self.urgency.word} · {self.wait}]"
        for effect in self.effects:
            yield from wrap(f"  + {effect}", width, subsequent_indent="    ")


@dataclass(frozen=True, slots=True)
class TrialLine:
    """Both channels' answers to one event."""

    sms: Said
    voice: Said

    def on(self, channel: Channel) -> Said:
        """What one of the two gave."""
        return self.sms if channel is Channel.SMS else self.voice

    def drawn(self, width: int) -> Iterator[str]:
        """The lines of both columns, side by side."""
        column = max(30, (width - 3) // 2)
        for left, right in zip_longest(self.sms.lines(column), self.voice.lines(column), fillvalue=""):
            yield f"{left:<{column}} | {right}".rstrip()
        yield "-" * (column * 2 + 3)


QUIET = Said((), "", Urgency.ROUTINE, "", ())


class Trial:
    """One caller texting and calling at once, each conversation its own, and a case as the commands set it."""

    def __init__(self, loaded: LoadedContent, language: str, at: datetime) -> None:
        self._loaded = loaded
        self._language = language
        self._at = at
        self._events = 0
        self._case: CaseView | None = None
        self._timers: dict[str, tuple[datetime, int]] = {}
        self._sms = self._fresh(Channel.SMS)
        self._voice: Session | None = self._fresh(Channel.VOICE)
        self._ended: Session | None = None
        self._last: dict[Channel, Event] = {}

    def begin(self, words: str = "hi") -> TrialLine:
        """A first text, and a call; the caller who says more than "hi" on the call says it after the greeting."""
        called = self._call()
        return TrialLine(self._text(words), called if words == "hi" else self._speak(words))

    def give(self, line: str) -> TrialLine:
        """What an answer or a command leads to.

        Raises:
            ValueError: the command is not known.

        """
        command, _, rest = line.partition(" ")
        match command:
            case "/sms":
                return TrialLine(self._text(rest), QUIET)
            case "/wait" if rest.isdecimal():
                return self._wait(timedelta(seconds=int(rest)))
            case "/case" if rest in STATES:
                return self._set_case(rest)
            case "/again" | "/hangup":
                return self._heard_twice() if command == "/again" else self._hang_up()
            case "/voice" | "/silence" | "/call":
                return TrialLine(QUIET, self._by_call(command, rest))
            case _ if line.startswith("/"):
                raise ValueError(f"{line} is no command. The commands are {COMMANDS}.")
        return TrialLine(self._text(line), self._speak(line))

    def _by_call(self, command: str, words: str) -> Said:
        match command:
            case "/silence":
                return self._on_call(Silent(self._id(), self._at))
            case "/call":
                self._voice = self._fresh(Channel.VOICE)
                return self._call()
            case _:
                return self._speak(words)

    def _hang_up(self) -> TrialLine:
        """The call ends; mid-triage it goes on by text, for this caller texts with the line."""
        call = self._voice
        said = self._on_call(HungUp(self._id(), self._at))
        if call is None or not said.texts:
            return TrialLine(QUIET, said)
        self._sms = carried_over(self._ended or call, self._sms, self._sms.id)
        self._sms, offered = self._step(self._sms, Expired(self._id(), self._at, self._sms.version, DROPPED))
        return TrialLine(offered, replace(said, texts=()))

    def _heard_twice(self) -> TrialLine:
        """The last event of each conversation reaches the line once more, as Twilio's retries do."""
        sms = QUIET if Channel.SMS not in self._last else self._again(self._sms, self._last[Channel.SMS])
        if self._voice is None or Channel.VOICE not in self._last:
            return TrialLine(sms, QUIET)
        return TrialLine(sms, self._again(self._voice, self._last[Channel.VOICE]))

    def _again(self, session: Session, event: Event) -> Said:
        return self._said(step(self._loaded.flow, session.seen_with(self._case), event))

    def _text(self, words: str) -> Said:
        self._sms, said = self._step(self._sms, Answered(self._id(), self._at, words, Via.TEXT))
        return said

    def _call(self) -> Said:
        return self._on_call(Started(self._id(), self._at))

    def _speak(self, words: str) -> Said:
        via = Via.KEYS if words and set(words) <= set("0123456789*#") else Via.SPEECH
        return self._on_call(Answered(self._id(), self._at, words, via))

    def _on_call(self, event: Event) -> Said:
        if self._voice is None:
            return Said(("(no call; /call begins one)",), "", Urgency.ROUTINE, "", ())
        self._voice, said = self._step(self._voice, event)
        self._ended = self._voice
        if isinstance(event, HungUp) or said.wait == Wait.END:
            self._voice = None
        return said

    def _wait(self, long: timedelta) -> TrialLine:
        """Time goes by; a timer of the text conversation rings when it is due and still meant."""
        self._at += long
        due = sorted((at, name, version) for name, (at, version) in self._timers.items() if at <= self._at)
        said = QUIET
        for at, name, version in due[:1]:
            del self._timers[name]
            self._sms, said = self._step(self._sms, Expired(self._id(), at, version, name))
        return TrialLine(said, QUIET)

    def _set_case(self, state: str) -> TrialLine:
        helper = HELPER if state in {"claimed", "bridging", "connected"} else ""
        self._case = CaseView(CODE, state, tried=0 if state == "open" else 1, helper=helper)
        told = Said((f"(case {CODE} is {state})",), "", Urgency.ROUTINE, "", ())
        return TrialLine(told, told)

    def _step(self, session: Session, event: Event) -> tuple[Session, Said]:
        given = step(self._loaded.flow, session.seen_with(self._case), event)
        self._last[session.channel] = event
        for effect in given.effects:
            self._happens(effect, given.session)
        return given.session, self._said(given)

    def _happens(self, effect: Effect, session: Session) -> None:
        match effect:
            case NeedPerson() if self._case is None or self._case.state == "closed":
                self._case = CaseView(CODE, "paging")
            case Withdraw() if self._case is not None and session.urgency < Urgency.EMERGENCY:
                self._case = replace(self._case, state="closed")
            case Remember("language", code):
                self._language = code
            case Timer(name, after) if session.channel is Channel.SMS:
                self._timers[name] = (self._at + after, session.version)

    def _said(self, given: Step) -> Said:
        session = given.session
        said = (self._loaded.catalogue.text(prompt, session.channel) for prompt in given.prompts)
        effects = tuple(_written(effect) for effect in given.effects)
        return Said(tuple(said), session.node, session.urgency, given.listen.wait.value, effects)

    def _fresh(self, channel: Channel) -> Session:
        return begin(
            self._loaded.flow,
            id=f"try-{channel.value}",
            caller_key="try",
            channel=channel,
            language=self._language,
            at=self._at,
        )

    def _id(self) -> str:
        self._events += 1
        return f"event-{self._events}"


def played(loaded: LoadedContent, lines: Iterable[str], language: str, at: datetime) -> Iterator[tuple[str, TrialLine]]:
    """A script played: each of its lines with what it leads to.

    A first line `/first TEXT` is what the caller says first (else "hi"); `#` begins a remark; `/quit` ends.

    Raises:
        ValueError: a command is not known.

    """
    answers = iter([line for line in map(str.strip, lines) if line and not line.startswith("#")])
    trial = Trial(loaded, language, at)
    head = next(answers, QUIT)
    command, _, words = head.partition(" ")
    yield from [(head, trial.begin(words))] if command == FIRST else [("", trial.begin()), *_given(trial, head)]
    for line in answers:
        if line == QUIT:
            return
        yield from _given(trial, line)


def _given(trial: Trial, line: str) -> list[tuple[str, TrialLine]]:
    return [] if line == QUIT else [(line, trial.give(line))]


def _written(effect: Effect) -> str:
    told = ((one.name, getattr(effect, one.name)) for one in fields(effect))
    shown = (f"{name}={getattr(value, 'name', value)}" for name, value in told if value not in ("", (), False))
    return " ".join((type(effect).__name__, *shown))
