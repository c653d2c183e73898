"""What a plan sees to besides paging and joining: leases that end, callers kept informed, outcomes, targets."""

from dataclasses import replace
from typing import Final

from flows.case import NOBODY, CaseState, Line, LineKind, NoticeKind
from flows.claims import reopened
from flows.notices import with_alarm, with_notice
from flows.pages import woken
from flows.planning import Work

ALARM_AFTER_ASKING: Final = 3
"""How often an owner is asked for the outcome before the operators are told."""

MOST_DOUBLINGS: Final = 4


def pages_woken(work: Work) -> Work:
    """Pages whose worker did not report in time are uncertain; those the carrier refused for a while are due."""
    for page in work.case.pages:
        moved = woken(page, work.now)
        if moved != page:
            detail = {"page": page.id, "state": moved.state, "channel": page.channel}
            work = work.with_page(moved).noting(Line(work.now, LineKind.PAGE_STATE, page.staff_id, detail))
    return work


def claim_over(work: Work) -> Work:
    """A claim that has not led to a bridge in time is over; half-way its owner is reminded."""
    case, claim = work.case, work.case.claim
    if claim is None or case.state not in {CaseState.CLAIMED, CaseState.BRIDGING}:
        return work
    if claim.until <= work.now:
        line = Line(work.now, LineKind.CLAIM_EXPIRED, claim.staff_id)
        return replace(work, case=reopened(case, work.now)).noting(line)
    if claim.reminded or case.remind_at > work.now:
        return work
    reminded = replace(case, claim=replace(claim, reminded=True))
    told = with_notice(reminded, NoticeKind.CLAIM_SOON_OVER, work.now, staff_id=claim.staff_id)
    return replace(work, case=told)


def caller_kept_informed(work: Work) -> Work:
    """A waiting caller hears at the policy's times how things stand, and of a callback when the hold is long."""
    case, now = work.case, work.now
    if case.waiting and case.next_notice_at <= now:
        told = with_notice(case, NoticeKind.STILL_TRYING, now) if NoticeKind.ALERTED in case.told else case
        case = replace(told, next_notice_at=case.notice_after(now))
    if case.hold_over_at is not None and case.hold_over_at <= now:
        case = replace(with_notice(case, NoticeKind.HOLD_IS_LONG, now), hold_told=True)
    return replace(work, case=case)


def outcome_asked(work: Work) -> Work:
    """An owner who has talked or written to the caller is asked how it ended, ever more rarely, until they say."""
    case, now = work.case, work.now
    if not case.awaits_outcome or case.ask_at is None or case.ask_at > now:
        return work
    next_at = now + case.policy.outcome_reminder * 2 ** min(case.asked, MOST_DOUBLINGS)
    asked = with_notice(case, NoticeKind.ASK_OUTCOME, now, staff_id=case.owner or NOBODY)
    asked = replace(asked, ask_at=next_at, asked=case.asked + 1)
    if asked.asked >= ALARM_AFTER_ASKING:
        asked = with_alarm(asked, NoticeKind.OUTCOME_MISSING, now, staff_id=case.owner or NOBODY)
    return replace(work, case=asked)


def target_watched(work: Work) -> Work:
    """The operators learn of a caller whom no human has reached in the policy's time."""
    case = work.case
    missed = not case.closed and case.contact_at is None and case.due_at <= work.now
    return replace(work, case=with_alarm(case, NoticeKind.TARGET_MISSED, work.now)) if missed else work
