"""One caller's turn: load, step, commit everything as one, answer. The same event again gets the same answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from flows import engine
from flows.case import Case
from flows.catalogue import Catalogue
from flows.deleting import CONFIRM, HELD
from flows.dropped import DROPPED, carried_over
from flows.events import Channel, Expired, HungUp
from flows.loaded import LoadedContent
from flows.session import CaseView, Session
from flows.step import Consent, Step
from helpline.arrival import Arrival, callable_number, takes_texts, text_session, voice_session
from helpline.calls.text_after_call import NO_TEXTS, can_text
from helpline.channels import sms
from helpline.channels.voice import Addresses, VoiceRenderer
from helpline.consequences import Consequences, Standing
from helpline.content.live import LiveContent
from helpline.ledger import booking
from helpline.privacy.vault import CallerKey
from helpline.running.fault_points import Faults, Point
from helpline.staff.roster_source import RosterSource
from helpline.store import Begun, CallerRecord, RedisStore, Transaction, keys
from helpline.store.answers import OF_CALLS, OF_TEXTS, row
from helpline.store.belongings import hold_of
from helpline.transcript import transcript
from helpline.unasked import said_unasked

Also = Callable[[Transaction], None]

KEEP_AGAIN = timedelta(days=1)
SEEN_AGAIN = timedelta(minutes=10)  # how exactly it is known when a caller was last heard of within a conversation


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn came to: the step, and how the caller stands after it."""

    step: Step
    after: Standing
    content: LoadedContent


@dataclass(frozen=True, slots=True)
class Conversations:
    """Takes callers' turns."""

    store: RedisStore
    content: LiveContent
    roster: RosterSource
    addresses: Addresses
    consequences: Consequences
    faults: Faults

    def keys(self, arrival: Arrival) -> tuple[str, ...]:
        """Every key its turn reads whose name is known before it begins."""
        return _all_keys(arrival)

    def take(self, arrival: Arrival, begun: Begun | None = None, also: Also | None = None) -> str:
        """The TwiML that answers this arrival; everything it promises is committed before it is given.

        `begun`: its transaction, if it has read `keys` already; `also` is committed with a turn that is new.

        Raises:
            Conflict, Unavailable: nothing was written and nothing may be promised.

        """
        self._keep_content(arrival.event.at)
        answer = self.store.transact(lambda tx: self._turn(tx, arrival, also), begun)
        self.faults.reach(Point.COMMITTED)
        return answer

    def _keep_content(self, now: datetime) -> None:
        """Before a conversation begins with a content, keep it for those to come; a day later once more."""
        content = self.content
        flow, files, kept = content.flow, content.files, content.kept.get(content.flow.version)
        if kept is None or now - kept >= KEEP_AGAIN:
            self.store.transact(lambda tx: tx.put_content(flow.version, files, KEEP_AGAIN))
            content.kept[flow.version] = now

    def _turn(self, tx: Transaction, arrival: Arrival, also: Also | None) -> str:
        tx.load_once(_all_keys(arrival))
        given = tx.answer_to(arrival.session_id, arrival.event_key)
        if given is not None:
            return given
        if also is not None:
            also(tx)
        turn = self.turn(tx, arrival, self.standing(tx, arrival))
        step = turn.step
        answer = self._render(step, arrival, turn.content.catalogue)
        self.faults.reach(Point.VERDICT)
        remember(tx, arrival, answer)
        return answer

    def turn(self, tx: Transaction, arrival: Arrival, before: Standing, missed_at: datetime | None = None) -> Turn:
        """One step of a conversation with all it leads to; `missed_at` is when it came, if we could not answer then."""
        content = self.content.of(before.session, arrival.event)
        step = engine.step(content.flow, before.session, arrival.event)
        after = self.consequences.apply(tx, before, step, arrival)
        self._keep(tx, before, step, after.caller)
        if isinstance(arrival.event, HungUp) and step.prompts:
            _carry_over(tx, step.session, after.caller, arrival.event)
        patience = self.content.flow.expiry[arrival.channel]
        booked = booking.book(tx, arrival, step, after.case, patience, missed_at)
        booking.count(tx, booked, before.session, arrival.event.at)
        self._write_down(tx, after.case, step, arrival, content.catalogue)
        return Turn(step, after, content)

    def standing(self, tx: Transaction, arrival: Arrival) -> Standing:
        """The caller before this turn."""
        known = tx.session(arrival.session_id)
        key = arrival.caller_key if known is None else known.caller_key
        caller = tx.caller(key) or CallerRecord(key, arrival.number, opted_out=tx.opted_out(key))
        case = tx.case_of(key)
        session = known or self._begin(arrival, caller)
        mine = _told_of_hold(tx, session).seen_with(self._view(case, arrival.channel))
        return Standing(mine.with_texts_stopped(caller.opted_out), caller, case)

    def _begin(self, arrival: Arrival, caller: CallerRecord) -> Session:
        flow = self.content.flow
        session = engine.begin(
            flow,
            id=arrival.session_id,
            caller_key=arrival.caller_key,
            channel=arrival.channel,
            language=caller.language or flow.language,
            at=arrival.event.at,
        )
        withheld = {} if caller.to_call else {"withheld": "1"}
        no_texts = {} if can_text(caller) else {NO_TEXTS: "1"}
        return replace(session, memory=MappingProxyType({**session.memory, **withheld, **no_texts}))

    def takes_no_texts(self, number: str) -> None:
        """Twilio says that this telephone takes no texts: whoever calls from it is not offered any."""
        key = self.store.vault.caller_key(callable_number(number) or number)

        def note(tx: Transaction) -> None:
            caller = tx.caller(key)
            if caller is not None:
                memory = MappingProxyType({**caller.memory, NO_TEXTS: "1"})
                tx.put_caller(replace(caller, memory=memory))

        self.store.transact(note)

    def _view(self, case: Case | None, channel: Channel) -> CaseView | None:
        """What the conversation may know of the case."""
        if case is None:
            return None
        owner = self.roster.now().staff_member(case.owner) if case.owner else None
        return CaseView(
            code=case.code,
            state=case.state.value,
            tried=len(case.tried),
            helper=owner.first_name if owner else "",
            relay=case.relay and channel is Channel.SMS,
        )

    def _write_down(
        self, tx: Transaction, case: Case | None, step: Step, arrival: Arrival, catalogue: Catalogue
    ) -> None:
        """What is said while a case is open is kept for whoever takes it."""
        if case is not None and not case.closed:
            for spoken in transcript(step, arrival, catalogue):
                tx.say(case.id, spoken)

    def _keep(self, tx: Transaction, before: Standing, step: Step, caller: CallerRecord) -> None:
        was, session = before.session, step.session
        tx.put_session(session)
        if session.content != self.content.flow.version:
            tx.keep_content(session.content)
        if was.fresh or caller != before.caller or _seen_long_before(caller, session.last_at):
            tx.put_caller(replace(caller, last_seen=session.last_at))
        tx.void_timer(keys.timer_member(was.id, "session", was.version))

    def _render(self, step: Step, arrival: Arrival, catalogue: Catalogue) -> str:
        if arrival.channel is Channel.SMS:
            return sms.twiml(sms.texts(step.prompts, catalogue))
        voice = VoiceRenderer(catalogue, self.addresses)
        return voice.turn(step.prompts, step.listen, step.session.version, step.session.language)

    def waiting(self, arrival: Arrival) -> tuple[Session | None, Case | None]:
        """The conversation and case of a caller who is holding, to tell them the truth; changes nothing."""

        def look(tx: Transaction) -> tuple[Session | None, Case | None]:
            session = tx.session(arrival.session_id)
            return session, tx.case_of(arrival.caller_key if session is None else session.caller_key)

        return self.store.transact(look)

    def enter(self, call_sid: str, case: Case, now: datetime) -> None:
        """A caller took our call: should they come on hold in it, it is where they wait for a person, whatever phone.

        The conversation is their case's, not that of the number which was called: it may be one they gave.
        """
        flow = self.content.flow
        begun = engine.begin(
            flow,
            id=voice_session(call_sid),
            caller_key=case.caller_key,
            channel=Channel.VOICE,
            language=case.language,
            at=now,
        )
        waits = engine.waiting_for_person(flow, begun, case.urgency)

        def write(tx: Transaction) -> None:
            if tx.session(waits.id) is None:
                tx.put_session(waits)

        self.store.transact(write)

    def timer(self, session_id: str, name: str, version: int, now: datetime) -> None:
        """Ring a session's timer; at any other version than the one that set it nothing happens.

        What it says goes out as letters of the same commit, so that a worker that dies then has said nothing less.
        """
        member = keys.timer_member(session_id, name, version)

        def decide(tx: Transaction) -> None:
            tx.forget_timer(member)
            session = tx.session(session_id)
            if session is not None and session.version == version:
                self._rung(tx, session, Expired(id=member, at=now, of_version=version, timer=name))

        self.store.transact(decide)

    def _rung(self, tx: Transaction, session: Session, event: Expired) -> None:
        caller = tx.caller(session.caller_key)
        if caller is None:
            return
        arrival = Arrival(CallerKey(caller.key), caller.number, session.channel, session.id, event)
        turn = self.turn(tx, arrival, self.standing(tx, arrival))
        if caller.number is not None and not turn.after.caller.opted_out and session.channel is Channel.SMS:
            for letter in said_unasked(turn.step, caller.number, event, turn.content.catalogue):
                tx.post_letter(letter, event.at)


def remember(tx: Transaction, arrival: Arrival, answer: str) -> None:
    """Keep what an arrival is answered with for when it comes again."""
    whole = OF_TEXTS if arrival.channel is Channel.SMS else OF_CALLS
    newest = row(arrival.event_key, arrival.event.at, answer)
    tx.remember_answer(arrival.caller_key, arrival.session_id, newest, whole)


def _carry_over(tx: Transaction, call: Session, caller: CallerRecord, event: HungUp) -> None:
    """Go on by text where the call dropped, with a caller who texts with us or wants texts; the clock says so."""
    texts_id = text_session(CallerKey(caller.key))
    texts = tx.session(texts_id)
    wanted = caller.consent is Consent.TEXT_ONLY or (texts is not None and caller.consent is not Consent.NO_CONTACT)
    if wanted and not caller.opted_out and caller.number is not None and takes_texts(caller.number):
        carried = carried_over(call, texts, texts_id)
        tx.put_session(carried)
        tx.wake(keys.timer_member(texts_id, DROPPED, carried.version), event.at)
        tx.void_timer(keys.timer_member(call.id, "session", call.version))


def _seen_long_before(caller: CallerRecord, at: datetime) -> bool:
    return caller.last_seen is None or at - caller.last_seen >= SEEN_AGAIN


def _told_of_hold(tx: Transaction, session: Session) -> Session:
    """Where the caller was asked whether to delete everything, the conversation knows what the law forbids."""
    if not session.memory.get(CONFIRM):
        return session
    held = {HELD: "1"} if hold_of(tx, session.caller_key) else {}
    return replace(session, memory=MappingProxyType({**session.memory, **held}))


def _all_keys(arrival: Arrival) -> tuple[str, ...]:
    """Every key a turn reads whose name is known before it begins: one round trip instead of one for each."""
    return (
        keys.reply(arrival.event_key),
        keys.caller(arrival.caller_key),
        keys.no_texts(arrival.caller_key),
        keys.case_of(arrival.caller_key),
        keys.session(arrival.session_id),
        keys.contact(arrival.session_id),
    )
