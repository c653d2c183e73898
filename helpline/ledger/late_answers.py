"""Answers what came while the line could not answer: late, truthfully, danger first, and each exactly once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import assert_never

from flows import handling, ledger
from flows.case import Case, Opening
from flows.codes import code_of
from flows.events import Answered, Channel, HungUp
from flows.ledger import Contact, Ending, Owner
from flows.missed import MissedCall, Owed, Taken, owed
from flows.roster import Staff
from flows.session import Session
from flows.step import NeedPerson, Prompt, Step
from flows.urgency import Urgency
from helpline import arrival
from helpline.arrival import Arrival, callable_number, text_session
from helpline.channels import sms
from helpline.conversation import Conversations, Turn, remember
from helpline.outbox import Bell, Job
from helpline.paging.dispatch import Dispatch
from helpline.privacy.vault import CallerKey
from helpline.staff.desk import StaffDesk
from helpline.store import CallerRecord, Letter, LetterKind, RedisStore, Transaction

APART = timedelta(milliseconds=100)
"""Between two late texts: Twilio takes 100 requests at once, and pages go first."""

GOOD_FOR = timedelta(hours=4)
STAFF_WORD_HOLDS = timedelta(minutes=2)
"""A staff member's `1` that is older says nothing about whether they are awake now."""


@dataclass(frozen=True, slots=True)
class LateAnswers:
    """Takes up what was missed."""

    store: RedisStore
    conversations: Conversations
    dispatch: Dispatch
    desk: StaffDesk
    staff_with_number: Callable[[str], Staff | None]
    clock: Callable[[], datetime]

    def batch(self) -> "Batch":
        """One comparison's worth: its texts leave one after the other."""
        return Batch(self, self.clock())

    def call_ended(self, call_sid: str, caller_key: str, now: datetime) -> None:
        """A call has ended without a word from the carrier."""
        caller = self.store.caller(caller_key)
        event = HungUp(id=f"{call_sid}-ended", at=now)
        number = None if caller is None else caller.number
        ended = Arrival(CallerKey(caller_key), number, Channel.VOICE, f"voice-{call_sid}", event, call_sid=call_sid)
        _, case = self.conversations.waiting(ended)
        self.conversations.take(ended)
        if case is not None:
            self.dispatch.call_over(case.id, call_sid)


@dataclass(slots=True)
class Batch:
    """What is taken up together."""

    line: LateAnswers
    next_at: datetime
    _said: set[str] = field(default_factory=set)

    def text(self, taken: Taken) -> None:
        """Take a text as if it came now, and send its answer as a text of our own."""
        form = {"MessageSid": taken.text.sid, "From": taken.text.sender, "Body": taken.text.body}
        form["NumMedia"] = str(taken.text.media)
        came = arrival.text_message(form, self.line.store.vault, self.line.clock())
        staff = self.line.staff_with_number(came.number) if came.number else None
        if staff is not None and self._staff(staff, came, taken):
            return
        case = self.line.store.transact(lambda tx: self._turn(tx, came, taken))
        self.next_at += APART
        if case is not None:
            late = int((self.line.clock() - taken.text.at).total_seconds() // 60)
            words = f"A text of {taken.text.at:%d %b %H:%M} UTC came while the line was down: taken up {late} min late."
            self.line.dispatch.change(case.id, lambda c, now: handling.note(c, "", words, now))

    def call(self, call: MissedCall) -> None:
        """Owe what is owed for a call that nobody took."""
        self.line.store.transact(lambda tx: self._call(tx, call))
        self.next_at += APART

    # -- texts --------------------------------------------------------------------------------------------------

    def _staff(self, staff: Staff, came: Arrival, taken: Taken) -> bool:
        """A staff member's late word: a fresh one counts, an old one is asked for again."""
        if self.line.clock() - taken.text.at <= STAFF_WORD_HOLDS:
            return self.line.desk.text(staff, came, also=lambda tx, texts: self._post(tx, came, texts)) is not None
        if not self.line.store.transact(lambda tx: bool(tx.cases_of_staff(staff.id))):
            return False

        def decide(tx: Transaction) -> None:
            if tx.reply_to(came.event_key) is None:
                tx.remember_reply(came.event_key, sms.twiml(()))
                tx.saw(came.event_key, came.event.at)
                self._post(tx, came, self._words((Prompt("late_staff", staff.languages[0]),)))

        self.line.store.transact(decide)
        return True

    def _turn(self, tx: Transaction, came: Arrival, taken: Taken) -> Case | None:
        """One late turn in one transaction; gives the caller's open case after it."""
        talk = self.line.conversations
        if tx.answer_to(came.session_id, came.event_key) is not None:
            return None
        before = talk.standing(tx, came)
        if taken.danger is Urgency.ROUTINE and _has_written_since(before.session, tx.contact(came.session_id), taken):
            self._overtaken(tx, came, taken)
            return None
        turn = talk.turn(tx, came, before, taken.text.at)
        remember(tx, came, sms.twiml(sms.texts(turn.step.prompts, turn.content.catalogue)))
        if not turn.after.caller.opted_out and (taken.last or _needs(turn.step)):
            self._post(tx, came, sms.texts(self._prompts(turn, came), turn.content.catalogue))
        tx.raise_metric("missed|text")
        tx.audit("late_turn", session=turn.step.session.id, version=str(turn.step.session.version))
        return turn.after.case if turn.after.case is not None and not turn.after.case.closed else None

    def _overtaken(self, tx: Transaction, came: Arrival, taken: Taken) -> None:
        """The person has written again since and was answered: an old answer would be taken for a new one."""
        remember(tx, came, sms.twiml(()))
        tx.saw(came.event_key, came.event.at)
        line = replace(_missed(came, taken.text.at), session_id=f"missed-{taken.text.sid}")  # not the open one's
        tx.put_contact(ledger.ended(line, Ending.CAME_BACK, came.event.at))

    def _prompts(self, turn: Turn, came: Arrival) -> tuple[Prompt, ...]:
        """Nothing may be said before a danger script; else that we are late comes first, once."""
        late = Prompt("late_answer", turn.step.session.language)
        known = turn.content.catalogue.forms(late.message, late.language)
        if came.caller_key in self._said or not known:
            return turn.step.prompts
        self._said.add(came.caller_key)
        return (*turn.step.prompts, late) if _needs(turn.step) else (late, *turn.step.prompts)

    def _words(self, prompts: tuple[Prompt, ...]) -> tuple[str, ...]:
        return sms.texts(prompts, self.line.conversations.content.catalogue)

    def _post(self, tx: Transaction, came: Arrival, texts: tuple[str, ...], settles: str = "") -> None:
        """Owe these texts, one after the other, at a pace the carrier takes."""
        if came.number is None:
            return
        for place, text in enumerate(texts):
            letter = Letter(
                id=f"late-{came.event_key}-{place}",
                kind=LetterKind.LATE,
                to=came.number,
                text=text,
                until=self.line.clock() + GOOD_FOR,
                settles=settles,
            )
            tx.put_letter(letter, self.next_at + place * APART)

    # -- calls --------------------------------------------------------------------------------------------------

    def _call(self, tx: Transaction, call: MissedCall) -> None:
        now = self.line.clock()
        number = callable_number(call.sender)
        key = self.line.store.vault.caller_key(number or call.sid)
        event = Answered(id=call.sid, at=now, text="")
        came = Arrival(key, number, Channel.VOICE, f"voice-{call.sid}", event, call_sid=call.sid)
        if tx.answer_to(came.session_id, call.sid) is not None:
            return
        caller = tx.caller(key) or CallerRecord(key, number)
        case = tx.case_of(key)
        remember(tx, came, "<Response/>")
        tx.saw(call.sid, now)
        what = owed(
            consent=caller.consent,
            opted_out=caller.opted_out or tx.opted_out(key),
            withheld=number is None,
            has_case=case is not None,
            reached=call.reached,
            came_back=key in self._said or _heard_of_since(call.at, caller, tx.session(text_session(key))),
        )
        tx.raise_metric("missed|call")
        tx.audit("missed_call", call=call.sid, owed=what.value)
        tx.put_contact(self._owe(tx, what, came, call, caller, case))

    def _owe(  # noqa: PLR0911 - one line for each thing that can be owed
        self, tx: Transaction, what: Owed, came: Arrival, call: MissedCall, caller: CallerRecord, case: Case | None
    ) -> Contact:
        """Write down what is owed; gives the call's line in the ledger."""
        now, contact = self.line.clock(), _missed(came, call.at)
        match what:
            case Owed.TO_THE_CASE:
                assert case is not None  # noqa: S101 - that is what the word says
                changed = handling.join_session(case, came.session_id, Channel.VOICE, now)
                self.line.dispatch.write(tx, case, changed)
                return replace(ledger.owed_by(contact, Owner.STAFF, case.due_at), case_id=case.id)
            case Owed.CALLBACK:
                opened = self._open(tx, came, caller)
                return replace(ledger.owed_by(contact, Owner.STAFF, opened.due_at), case_id=opened.id)
            case Owed.TEXT:
                language = caller.language or self.line.conversations.content.catalogue.default
                self._said.add(came.caller_key)
                self._post(tx, came, self._words((Prompt("missed_call", language),)), settles=came.session_id)
                return ledger.owed_by(contact, Owner.LINE, self.next_at + timedelta(minutes=5))
            case Owed.REACHED:
                return ledger.ended(contact, Ending.REACHED_ELSEWHERE, now)
            case Owed.CAME_BACK:
                return ledger.ended(contact, Ending.CAME_BACK, now)
            case Owed.NOT_WANTED:
                return ledger.ended(contact, Ending.NOT_TO_BE_CONTACTED, now)
            case Owed.NO_WAY:
                return ledger.ended(contact, Ending.NO_WAY_BACK, now)
            case _:
                assert_never(what)

    def _open(self, tx: Transaction, came: Arrival, caller: CallerRecord) -> Case:
        """A case for a caller who has said that it is safe to call: staff call back."""
        now = self.line.clock()
        opening = Opening(
            id=sha256(f"missed:{came.event_key}".encode()).hexdigest()[:20],
            code=code_of(tx.next_code_number()),
            caller_key=came.caller_key,
            session_id=came.session_id,
            channel=Channel.VOICE,
            urgency=Urgency.SOON,
            reason="missed_call",
            language=caller.language or self.line.conversations.content.catalogue.default,
            consent=caller.consent,
            safe_times=caller.safe_times,
            opted_out=caller.opted_out,
        )
        case, lines = handling.open_case(opening, self.line.conversations.content.policy, now)
        tx.put_case(case, lines, now)
        tx.ring(Bell(Job.ADVANCE, (case.id,)))
        return case


def _needs(step: Step) -> bool:
    """Whether somebody in danger was told something that may not be left out."""
    return any(isinstance(effect, NeedPerson) for effect in step.effects)


def _has_written_since(session: Session, contact: Contact | None, taken: Taken) -> bool:
    """Whether the conversation has gone on after this text, other than by an earlier missed one."""
    late_too = contact is not None and contact.missed_at is not None and contact.missed_at <= taken.text.at
    return not session.fresh and session.last_at > taken.text.at and not late_too


def _heard_of_since(at: datetime, caller: CallerRecord, texts: Session | None) -> bool:
    """Whether the caller has reached us after that moment; within a call their record knows it to ten minutes."""
    seen = (caller.last_seen, None if texts is None else texts.last_at)
    return any(one is not None and one > at for one in seen)


def _missed(came: Arrival, at: datetime) -> Contact:
    """The line of a contact that came while the line could not answer."""
    now = came.event.at
    return Contact(
        id=sha256(f"contact:{came.event.id}".encode()).hexdigest()[:16],
        session_id=came.session_id,
        caller_key=came.caller_key,
        channel=came.channel,
        began_at=at,
        last_at=now,
        missed=True,
        late_by=now - at,
    )
