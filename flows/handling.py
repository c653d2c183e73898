"""How a case opens, grows more serious, learns more about its caller, and closes."""

from dataclasses import replace
from datetime import datetime

from flows.case import (
    CALLER,
    NOBODY,
    Case,
    CaseState,
    Line,
    LineKind,
    Lines,
    NoticeKind,
    Opening,
    Outcome,
    Reason,
    Refused,
)
from flows.events import Channel
from flows.notices import finished, with_alarm, with_notice
from flows.pages import Page, Purpose, superseded
from flows.policy import Policy
from flows.safe_times import SafeTimes
from flows.step import Consent, NeedPerson

Transition = tuple[Case, Lines] | Refused


def open_case(opening: Opening, policy: Policy, now: datetime) -> tuple[Case, Lines]:
    """A new case with its own copy of the policy, to be paged at once."""
    level = policy.level(opening.urgency)
    case = Case(
        id=opening.id,
        code=opening.code,
        caller_key=opening.caller_key,
        sessions=(opening.session_id,),
        channels=(opening.channel,),
        urgency=opening.urgency,
        reason=opening.reason,
        language=opening.language,
        opened_at=now,
        due_at=now + level.human_within,
        policy=policy,
        step_at=now,
        next_notice_at=now + (level.notices or (level.notice_every,))[0],
        dangers=opening.dangers,
        consent=opening.consent,
        opted_out=opening.opted_out,
        anonymous=opening.anonymous,
        synthetic=opening.synthetic,
        safe_times=opening.safe_times,
        on_line_call=opening.on_line_call,
        on_line_since=now if opening.on_line_call else None,
    )
    line = Line(now, LineKind.OPENED, CALLER, {"level": case.urgency.word, "reason": case.reason})
    return case, (line,)


def raise_case(case: Case, need: NeedPerson, now: datetime) -> Transition:
    """The case at the higher of the two levels, never lower; a real raise pages again from the first step."""
    if case.closed:
        return Refused(Reason.CLOSED)
    higher = need.urgency > case.urgency
    urgency = max(case.urgency, need.urgency)
    dangers = tuple(dict.fromkeys((*case.dangers, *need.dangers)))
    line = Line(now, LineKind.RAISED, CALLER, {"level": urgency.word, "reason": need.reason})
    known = replace(case, urgency=urgency, dangers=dangers)
    if known.awaits_outcome:
        return finished(back_to_owner(known, now), line)
    return finished(_raised(known, now) if higher else known, line)


def _raised(case: Case, now: datetime) -> Case:
    due_at = min(case.due_at, now + case.level.human_within)
    sooner = replace(case, due_at=due_at, next_notice_at=min(case.next_notice_at, case.notice_after(now)))
    if case.waiting:
        return restarted(sooner, now)
    return with_notice(sooner, NoticeKind.RAISED, now, staff_id=sooner.owner or NOBODY)


def back_to_owner(case: Case, now: datetime) -> Case:
    """A caller who had been talked to needs somebody again: the owner is asked first, for one lease."""
    claim = case.claim and replace(case.claim, until=now + case.level.claim_lease, reminded=False)
    again = replace(case, state=CaseState.CLAIMED, claim=claim, next_try_at=now, talked=case.talked * 0, ask_at=None)
    return with_notice(again, NoticeKind.CALLER_IS_BACK, now, staff_id=case.owner or NOBODY)


def restarted(case: Case, now: datetime) -> Case:
    """The case at the first step of a new round, now. What was not sent yet is replaced by the new round's pages."""
    pages = tuple(
        superseded(page, now) if page.purpose is Purpose.PAGE and page.unsent else page for page in case.pages
    )
    return replace(case, round=case.round + 1, step=0, step_at=now, paged_in_round=0, passed=(), pages=pages)


def join_session(case: Case, session_id: str, channel: Channel, now: datetime) -> Transition:
    """The caller's case also belongs to this conversation, e.g. when somebody who texted now calls."""
    if case.closed:
        return Refused(Reason.CLOSED)
    sessions = tuple(dict.fromkeys((*case.sessions, session_id)))
    channels = tuple(dict.fromkeys((*case.channels, channel)))
    return finished(
        replace(case, sessions=sessions, channels=channels), Line(now, LineKind.NOTE, CALLER, {"channel": channel})
    )


def give_consent(case: Case, consent: Consent, now: datetime) -> Transition:
    """How the caller may be reached from now on; an attempt that this forbids is stopped."""
    if case.closed:
        return Refused(Reason.CLOSED)
    known = replace(case, consent=consent)
    if not known.may_call:
        known = replace(known, pages=_without(known, Purpose.CALLER, now))
    return finished(known, Line(now, LineKind.CONSENT, CALLER, {"consent": consent}))


def give_safe_times(case: Case, times: SafeTimes, now: datetime) -> Transition:
    """When it is safe to call: calls wait for it, and so does the target of a case that is not in danger."""
    if case.closed:
        return Refused(Reason.CLOSED)
    known = replace(case, safe_times=times, safe_said_at=case.urgency, call_anyway=False)
    opens_at = known.call_from(now)
    if opens_at > now and not case.in_danger:
        known = replace(known, due_at=max(case.due_at, opens_at + case.level.human_within))
    detail = {"safe_times": " ".join(f"{one.opens}-{one.closes}" for one in times) or "any"}
    return finished(known, Line(now, LineKind.CONSENT, CALLER, detail))


def give_number(case: Case, now: datetime) -> Transition:
    """The caller gave a number to be called back at, so that one who withheld theirs can be reached after all."""
    if case.closed:
        return Refused(Reason.CLOSED)
    return finished(replace(case, anonymous=False), Line(now, LineKind.NUMBER_GIVEN, CALLER))


def record(case: Case, recording: str, seconds: int, now: datetime) -> Transition:
    """The caller left a spoken message, under the carrier's sid of it."""
    detail = {"recording": recording, "seconds": str(seconds)}
    return finished(case, Line(now, LineKind.VOICEMAIL, CALLER, detail))


def message_missing(case: Case, now: datetime) -> Transition:
    """A spoken message cannot be fetched: the operators are told, once in a case."""
    alarmed = with_alarm(case, NoticeKind.MESSAGE_MISSING, now)
    return (case, ()) if alarmed == case else finished(alarmed)


def rated(case: Case, helped: bool, now: datetime) -> Transition:  # noqa: FBT001  the caller's answer, not a switch
    """The caller said whether the call had helped; the first answer counts, also in a closed case."""
    if case.rated:
        return case, ()
    line = Line(now, LineKind.RATED, CALLER, {"helped": "yes" if helped else "no"})
    return finished(replace(case, rated=True), line)


def message_left(case: Case, now: datetime) -> Transition:
    """A neutral message was left on the caller's machine; the try still counts as one that did not reach them."""
    return Refused(Reason.CLOSED) if case.closed else finished(case, Line(now, LineKind.MESSAGE_LEFT))


def opt_out(case: Case, now: datetime, *, out: bool = True) -> Transition:
    """No more texts to the caller, or texts again (`out=False`); the case itself goes on, and so does its danger."""
    if case.closed:
        return Refused(Reason.CLOSED)
    line = Line(now, LineKind.OPTED_OUT, CALLER, {"out": str(out).lower()})
    known = replace(case, opted_out=out)
    if out and known.owner and not case.opted_out:
        known = with_notice(known, NoticeKind.NO_TEXTS, now, staff_id=known.owner)
    return finished(known, line)


def keep_quiet(case: Case, now: datetime, *, quiet: bool = True) -> Transition:
    """Somebody may be looking at the caller's phone (quick exit): no word of ours until they come back to us."""
    if case.closed or case.quiet is quiet:
        return Refused(Reason.CLOSED if case.closed else Reason.NOT_DUE)
    line = Line(now, LineKind.NOTE, CALLER, {"quick_exit": str(quiet).lower()})
    known = replace(case, quiet=quiet)
    if quiet and known.owner:
        known = with_notice(known, NoticeKind.NO_TEXTS, now, staff_id=known.owner)
    return finished(known, line)


def note(case: Case, who: str, text: str, now: datetime) -> Transition:
    """An entry in somebody's own words; also in a closed case."""
    return finished(case, Line(now, LineKind.NOTE, who, {"text": text}))


def close(case: Case, outcome: Outcome, *, by: str, now: datetime) -> Transition:
    """The end of a case, by a human's word: its owner's, any staff member's while nobody has it, or the caller's own.

    The caller can only withdraw, and not while in danger. No machine has a word: `by` is never empty.
    """
    if reason := _why_not_close(case, outcome, by):
        return Refused(reason)
    pages = tuple(superseded(page, now) for page in case.pages)
    ended = replace(
        case, state=CaseState.CLOSED, outcome=outcome, closed_at=now, closed_by=by, pages=pages, bridge=None
    )
    if by == CALLER and case.owner:
        ended = with_notice(ended, NoticeKind.WITHDRAWN, now, staff_id=case.owner)
    return finished(ended, Line(now, LineKind.CLOSED, by, {"outcome": outcome}))


def _why_not_close(case: Case, outcome: Outcome, by: str) -> Reason | None:
    if case.closed:
        return Reason.CLOSED
    if not by or (by == CALLER and outcome is not Outcome.WITHDRAWN_BY_CALLER):
        return Reason.HUMAN_DECIDES
    if by == CALLER:
        return Reason.IN_DANGER if case.in_danger else None
    return Reason.NOT_YOURS if case.owner not in {None, by} else None


def _without(case: Case, purpose: Purpose, now: datetime) -> tuple[Page, ...]:
    return tuple(superseded(page, now) if page.purpose is purpose else page for page in case.pages)
