"""Abuse that cannot lose a caller: too many texts or calls get a short fixed answer, never silence or a hang-up.

Danger, a wish for a person and an opt-out always pass, and whoever has an open case may send much more; so nobody is
kept from help by being called a nuisance, and nobody can use up the line for others by being one.

A telephone that answers each text by itself ("I am driving") would go on for ever, for each of our answers calls for
the next of its own. One answer that does not come ends it. Whom it can never concern: `Limits.text`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from flows.events import Answered, Channel
from flows.safety import OptOut, asks_for_person, screen, text_word
from flows.turn import CHECKED, DANGER
from helpline.arrival import Arrival
from helpline.content.live import LiveContent
from helpline.store import Begun, Transaction, keys
from helpline.store.counters import Arriving, Counters, Lately

log = structlog.get_logger()

SENTENCE = 3  # words
UNCLEAR = "unclear"  # why a case was opened: what they wrote was not understood

MINUTE, TEN_MINUTES, HOUR = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Most:
    """How much is ordinary. A frightened person sends many short texts; a machine sends more."""

    texts_a_minute: int = 20
    texts_an_hour: int = 240
    times_as_many_with_a_case: int = 5  # their words go to staff; a machine's would bury them
    calls_in_ten_minutes: int = 10
    line_texts_a_minute: int = 6_000
    line_calls_a_minute: int = 1_200
    new_numbers_in_ten_minutes: int = 300
    same_words_in_a_row: int = 6


class Verdict(StrEnum):
    """What an arrival gets."""

    FREE = "free"
    LIMITED = "limited"
    BLOCKED = "blocked"
    REPEATED = "repeated"
    HUSHED = "hushed"


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts arrivals and says which get the short answer."""

    counters: Counters
    content: LiveContent
    alarm: Callable[[str, str, dict[str, str], datetime], None]
    clock: Callable[[], datetime]
    most: Most = Most()
    alarmed: set[str] = field(default_factory=set)
    """Hours in which this process has alarmed: once is enough, and a flood must not cost more than an ordinary text."""

    @contextmanager
    def beginning(self, arrival: Arrival, keys_of_turn: Sequence[str]) -> Iterator[tuple[Begun, Lately]]:
        """An arrival's turn, begun by reading all it will need, and what there was lately; in one round trip.

        Raises:
            Unavailable: Redis does not answer.

        """
        now, who = self.clock(), arrival.caller_key
        counted = {**_of_text(who), **self._of_words(arrival)} if arrival.channel is Channel.SMS else _of_call(who)
        arriving = Arriving(who, counted, TEN_MINUTES)
        with self.counters.store.beginning(keys_of_turn, self.counters.asks(arriving, now)) as begun:
            yield begun, Lately.answered(arriving, now, begun.answers)

    def text(self, message: Arrival, lately: Lately) -> Verdict:
        """Whether a text goes on into its conversation.

        Without an answer stays only what a machine sends: the same sentence six times, from somebody who has sent
        nothing else in this hour, of which nothing was understood. Danger, a wish for a person, a single word, whoever
        is in danger and whoever has a human are always answered; and everybody again after ten minutes.
        """
        who = message.caller_key
        minute, hour, line, *same = lately.counts
        self._watch_for_pumping(lately.different, lately.at)
        over = minute > self.most.texts_a_minute or hour > self.most.texts_an_hour
        verdict = _verdict(lately, over=over or line > self.most.line_texts_a_minute)
        echo = verdict is not Verdict.BLOCKED and same == [hour] and hour >= self.most.same_words_in_a_row
        if (verdict is Verdict.FREE and not echo) or self._must_pass(message):
            return Verdict.FREE
        if echo and self._nothing_understood(message):
            return self._told_once(who)
        if verdict is Verdict.FREE:
            return Verdict.FREE
        still_a_person = minute <= self.most.texts_a_minute * self.most.times_as_many_with_a_case
        return Verdict.FREE if still_a_person and self._has_case(who) else verdict

    def call(self, arrived: Arrival, lately: Lately) -> Verdict:
        """Whether a call goes on into its conversation; the short answer of a call leads there with any key."""
        who = arrived.caller_key
        mine, line = lately.counts
        over = mine > self.most.calls_in_ten_minutes or line > self.most.line_calls_a_minute
        verdict = _verdict(lately, over=over)
        return Verdict.FREE if verdict is not Verdict.FREE and self._has_case(who) else verdict

    def note(self, arrived: Arrival, verdict: Verdict, lately: Lately, answer: str) -> str:
        """Count it, and keep that it was answered, so that nobody is looked for who was not lost; gives the answer.

        The same event again, by the carrier's fallback, has the answer that it had.
        """

        def decide(tx: Transaction) -> str:
            given = tx.answer_to(arrived.session_id, arrived.event_key)
            if given is not None:
                return given
            tx.remember_reply(arrived.event_key, answer)
            tx.belongs(arrived.caller_key, keys.reply(arrived.event_key))
            lately.count(tx)
            tx.saw(arrived.call_sid or arrived.event_key, arrived.event.at)
            tx.count(arrived.event.at, f"short.{verdict.value}.{arrived.channel.value}")
            tx.audit("answered_short", why=verdict.value, channel=arrived.channel.value)
            return answer

        return self.counters.store.transact(decide)

    def language(self, arrived: Arrival) -> str:
        """The language the caller chose, if we know them."""
        caller = self.counters.store.caller(arrived.caller_key)
        return (caller and caller.language) or self.content.catalogue.default

    def _must_pass(self, message: Arrival) -> bool:
        event, lexicon = message.event, self.content.flow.lexicon
        text = event.text if isinstance(event, Answered) else ""
        heard = screen(text, lexicon)
        return (
            bool(heard.hits)
            or asks_for_person(text, lexicon)
            or bool(isinstance(event, Answered) and event.carrier)
            or text_word(text, lexicon) is not OptOut.NONE
        )

    def _of_words(self, arrival: Arrival) -> Mapping[str, timedelta]:
        """A sentence counts by itself, under a keyed hash; a word or two may be anybody's, again and again."""
        words = arrival.event.text.casefold().split() if isinstance(arrival.event, Answered) else []
        if len(words) < SENTENCE:
            return {}
        said = self.counters.store.vault.keyed("words", f"{arrival.caller_key} {' '.join(words)}")
        return {f"words:{said}": HOUR}

    def _nothing_understood(self, message: Arrival) -> bool:
        """Whether all this has led to nothing, or to a case for just that, which nobody has yet.

        Not where there is danger, or might be: somebody who was asked directly whether they are in danger.
        """

        def look(tx: Transaction) -> bool:
            case, session = tx.case_of(message.caller_key), tx.session(message.session_id)
            if session is None or session.memory.get(CHECKED) or session.memory.get(DANGER):
                return False
            if case is None:
                return session.tries > 0
            return case.waiting and case.reason == UNCLEAR and not case.dangers

        return self.counters.store.transact(look)

    def _told_once(self, who: str) -> Verdict:
        (times,) = self.counters.count({f"told:{who}": TEN_MINUTES}, self.clock())
        return Verdict.REPEATED if times == 1 else Verdict.HUSHED

    def _has_case(self, who: str) -> bool:
        return self.counters.store.transact(lambda tx: tx.case_of(who)) is not None

    def _watch_for_pumping(self, different: int, now: datetime) -> None:
        """Strangers in a flood are machines paid by the text (Twilio docs, "SMS pumping fraud"): people look at it."""
        if different <= self.most.new_numbers_in_ten_minutes:
            return
        hour = f"{now:%Y%m%d%H}"
        if hour not in self.alarmed:
            self.alarmed.add(hour)
            log.error("many_new_numbers", count=different)
            self.alarm("alarm_pumping", f"pumping-{hour}", {"count": str(different)}, now)


def _of_text(who: str) -> Mapping[str, timedelta]:
    """The shortest window first."""
    return {f"text:{who}": MINUTE, f"text-hour:{who}": HOUR, "texts": MINUTE}


def _of_call(who: str) -> Mapping[str, timedelta]:
    return {f"call:{who}": TEN_MINUTES, "calls": MINUTE}


def _verdict(lately: Lately, *, over: bool) -> Verdict:
    if lately.blocked:
        return Verdict.BLOCKED
    return Verdict.LIMITED if over else Verdict.FREE
