"""The owner takes over the conversation by text, writes with the caller, and gives it back to the bot.

Whoever writes is told when their words did not arrive.
"""

from dataclasses import replace
from datetime import datetime

from flows import bridging
from flows.case import NOBODY, Case, CaseState, Line, LineKind, NoticeKind, Reason, Refused
from flows.handling import Transition
from flows.notices import finished, with_notice
from flows.pages import Purpose, superseded
from flows.roster import StaffId


def take_over(case: Case, staff_id: StaffId, now: datetime) -> Transition:
    """From now on the caller's texts go to their owner and the bot keeps silent, except in danger."""
    if reason := _why_not(case, staff_id):
        return Refused(reason)
    if not case.may_text:
        return Refused(Reason.NO_TEXTS)
    if case.chat:
        return case, ()
    return finished(replace(_phones_stopped(case, now), chat=True), Line(now, LineKind.TAKEN_OVER, staff_id))


def give_back(case: Case, staff_id: StaffId, now: datetime) -> Transition:
    """The bot answers again; the case stays its owner's."""
    if reason := _why_not(case, staff_id):
        return Refused(reason)
    if not case.chat:
        return case, ()
    return finished(replace(case, chat=False), Line(now, LineKind.GIVEN_BACK, staff_id))


def wrote(case: Case, staff_id: StaffId, now: datetime) -> Transition:
    """The owner's words go to the caller: that is contact with a human, and it takes the conversation over."""
    taken = take_over(case, staff_id, now)
    if isinstance(taken, Refused):
        return taken
    over, lines = taken
    relayed = bridging.relayed(over, staff_id, now)
    return relayed if isinstance(relayed, Refused) else (relayed[0], (*lines, *relayed[1]))


def text_failed(case: Case, line: Line, now: datetime, *, first: bool) -> Transition:
    """The owner's text did not reach the caller. If it was the `first`, nobody has been in contact with them yet.

    The claim then runs again from its beginning: should nothing come of it, others are paged.
    """
    told = with_notice(case, NoticeKind.TEXT_FAILED, now, staff_id=case.owner or NOBODY) if case.owner else case
    if not first or not case.awaits_outcome or case.talked or case.claim is None:
        return finished(told, line)
    claim = replace(case.claim, until=now + case.level.claim_lease, reminded=False)
    again = replace(told, state=CaseState.CLAIMED, claim=claim, contact_at=None, ask_at=None)
    return finished(again, line)


def words_lost(case: Case, line: Line, now: datetime) -> Transition:
    """The caller's text did not reach the owner, who wrote with them: the caller is told, not left to wait."""
    return finished(case if case.closed else with_notice(case, NoticeKind.WORDS_LOST, now), line)


def _phones_stopped(case: Case, now: datetime) -> Case:
    """Whoever writes does not want to be rung for the same case; a talk that has begun goes on."""
    if case.state not in {CaseState.CLAIMED, CaseState.BRIDGING} or (case.bridge and case.bridge.staff_in):
        return case
    pages = tuple(page if page.purpose is Purpose.PAGE else superseded(page, now) for page in case.pages)
    return replace(case, state=CaseState.CLAIMED, bridge=None, pages=pages, next_try_at=None)


def _why_not(case: Case, staff_id: StaffId) -> Reason | None:
    if case.closed:
        return Reason.CLOSED
    if case.owner != staff_id:
        return Reason.NOT_YOURS if case.claim else Reason.NOT_CLAIMED
    return None
