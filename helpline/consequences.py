"""What a step asks for besides words: cases, consent, opt-outs, timers; all in the turn's transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import assert_never

from flows import handling, safe_times
from flows.case import CALLER, Case, Lines, Opening, Outcome, Refused
from flows.codes import code_of
from flows.events import Answered, Started
from flows.session import Session
from flows.step import (
    AskForPerson,
    CaseNote,
    DropRecording,
    Effect,
    Forget,
    GiveConsent,
    GiveSafeTimes,
    KeepQuiet,
    KeepRecording,
    NeedPerson,
    OptIn,
    OptOut,
    Rate,
    Relay,
    Remember,
    Step,
    TextThis,
    Timer,
    UseNumber,
    Withdraw,
)
from flows.survey import SURVEY
from flows.turn import NUMBER, RECORDING
from helpline.arrival import Arrival
from helpline.calls import text_after_call
from helpline.content.live import LiveContent
from helpline.outbox import Bell, Job
from helpline.paging.relay import Relays
from helpline.privacy import forgetting
from helpline.store import CallerRecord, Transaction, keys
from helpline.store.caller_record import SAFE_TIMES

Transition = tuple[Case, Lines] | Refused


@dataclass(frozen=True, slots=True)
class Standing:
    """A caller as they stand in the middle of a turn; `lines` are the case's new timeline entries."""

    session: Session
    caller: CallerRecord
    case: Case | None
    lines: Lines = ()

    def with_case(self, changed: Transition) -> "Standing":
        """The standing after a transition of the case; one that was refused changes nothing."""
        if isinstance(changed, Refused):
            return self
        case, lines = changed
        return replace(self, case=case, lines=(*self.lines, *lines))


@dataclass(frozen=True, slots=True)
class Consequences:
    """Carries out the effects of a step."""

    content: LiveContent
    relays: Relays

    def apply(self, tx: Transaction, before: Standing, step: Step, arrival: Arrival) -> Standing:
        """Write what the effects ask for; gives the caller's standing after it."""
        now = arrival.event.at
        standing = Standing(step.session, _recognised(before.caller, step, arrival), before.case, before.lines)
        if isinstance(arrival.event, Answered | Started):
            standing = _with(standing, lambda case: handling.keep_quiet(case, now, quiet=False))
        for effect in step.effects:
            standing = self._one(tx, standing, effect, arrival)
        standing = _joined(standing, before.case, arrival)
        if standing.case is not None and standing.case is not before.case:
            tx.put_case(standing.case, standing.lines, now)
            tx.ring(Bell(Job.ADVANCE, (standing.case.id,)))
        return standing

    def _one(self, tx: Transaction, at: Standing, effect: Effect, arrival: Arrival) -> Standing:  # noqa: C901, PLR0911, PLR0912
        now = arrival.event.at
        match effect:
            case NeedPerson():
                return self._need(tx, at, effect, arrival)
            case Withdraw():
                return _with(at, lambda case: handling.close(case, Outcome.WITHDRAWN_BY_CALLER, by=CALLER, now=now))
            case GiveConsent(consent):
                told = replace(at, caller=replace(at.caller, consent=consent))
                return _with(told, lambda case: handling.give_consent(case, consent, now))
            case GiveSafeTimes(_, times):
                told = replace(at, caller=_remembering(at.caller, SAFE_TIMES, safe_times.written(times)))
                return _with(told, lambda case: handling.give_safe_times(case, times, now))
            case OptOut() | OptIn():
                return _opted(tx, at, now, out=isinstance(effect, OptOut))
            case Timer(name, after):
                tx.wake(keys.timer_member(at.session.id, name, at.session.version), now + after)
                return at
            case Remember(what, value):
                return replace(at, caller=_remembering(at.caller, what, value))
            case Relay(text):
                self.relays.to_owner(tx, at.case, text, arrival.event_key)
                return _with(at, lambda case: handling.note(case, CALLER, text, now))
            case KeepQuiet():
                return _with(at, lambda case: handling.keep_quiet(case, now))
            case AskForPerson():
                return at  # the turn has made it a NeedPerson
            case Rate(helped):
                return _rated(tx, at, helped, now)
            case CaseNote(_, text):
                return _with(at, lambda case: handling.note(case, CALLER, text, now))
            case Forget():
                forgetting.asked(tx, at.caller.key, now)
                return at
            case UseNumber():
                number = at.session.memory.get(NUMBER)
                told = replace(at, caller=replace(at.caller, call_back=number))
                return _with(told, lambda case: handling.give_number(case, now)) if number else at
            case TextThis(messages):
                letter = text_after_call.letter(
                    arrival, at.caller, messages, at.session.language, self.content.catalogue
                )
                if letter is not None:
                    tx.post_letter(letter, now)
                return at
            case KeepRecording(recording, seconds):
                return self._record(tx, at, recording, seconds, now)
            case DropRecording():
                return self._unrecord(tx, at, at.session.memory.get(RECORDING, ""), now)
            case _:
                assert_never(effect)

    def _record(self, tx: Transaction, at: Standing, recording: str, seconds: int, now: datetime) -> Standing:
        """A spoken message becomes part of the case; without one nobody was asked for, and it is only deleted."""
        tx.wake(keys.recording_member(recording, "" if at.case is None else at.case.id), now)
        return _with(at, lambda case: handling.record(case, recording, seconds, now))

    def _unrecord(self, tx: Transaction, at: Standing, recording: str, now: datetime) -> Standing:
        if recording:
            tx.drop_voicemail(recording, "" if at.case is None else at.case.id)
            tx.wake(keys.recording_member(recording, ""), now)
        return at

    def _need(self, tx: Transaction, at: Standing, need: NeedPerson, arrival: Arrival) -> Standing:
        now = arrival.event.at
        if at.case is not None:
            return at.with_case(handling.raise_case(at.case, need, now))
        opening = Opening(
            id=case_id(at.session),
            code=code_of(tx.next_code_number()),
            caller_key=at.caller.key,
            session_id=at.session.id,
            channel=arrival.channel,
            urgency=need.urgency,
            reason=need.reason,
            dangers=need.dangers,
            language=at.session.language,
            consent=at.caller.consent,
            opted_out=at.caller.opted_out,
            anonymous=at.caller.number is None,
            on_line_call=arrival.call_sid or "",
            safe_times=at.caller.safe_times,
        )
        return at.with_case(handling.open_case(opening, self.content.policy, now))


def case_id(session: Session) -> str:
    """The id of the case a step opens: derived, so that the same turn tried again opens the same case."""
    return sha256(f"{session.id}:{session.started_at.isoformat()}:{session.version}".encode()).hexdigest()[:20]


def _with(at: Standing, change: Callable[[Case], Transition]) -> Standing:
    return at if at.case is None else at.with_case(change(at.case))


def _rated(tx: Transaction, at: Standing, helped: bool, now: datetime) -> Standing:  # noqa: FBT001  their answer
    """The answer about a case that is closed, so that it is nowhere in the turn itself."""
    case = tx.case(at.session.memory.get(SURVEY, ""))
    changed = None if case is None else handling.rated(case, helped, now)
    if case is not None and changed is not None and not isinstance(changed, Refused) and changed[0] is not case:
        tx.put_case(*changed, now)
    return at


def _joined(at: Standing, before: Case | None, arrival: Arrival) -> Standing:
    """A caller with an open case who now comes on the other channel: the case learns of it."""
    if at.case is None or before is None or arrival.session_id in at.case.sessions:
        return at
    return at.with_case(handling.join_session(at.case, arrival.session_id, arrival.channel, arrival.event.at))


def _recognised(caller: CallerRecord, step: Step, arrival: Arrival) -> CallerRecord:
    number, language = caller.number or arrival.number, step.session.language
    if (number, language) == (caller.number, caller.language):
        return caller
    return replace(caller, number=number, language=language)


def _remembering(caller: CallerRecord, what: str, value: str) -> CallerRecord:
    return replace(caller, memory=MappingProxyType({**caller.memory, what: value}))


def _opted(tx: Transaction, at: Standing, now: datetime, *, out: bool) -> Standing:
    tx.put_opted_out(at.caller.key, now, out=out)
    told = replace(at, caller=replace(at.caller, opted_out=out))
    return _with(told, lambda case: handling.opt_out(case, now, out=out))
