"""When a case must be planned again if nothing happens before."""

from collections.abc import Iterator
from datetime import datetime

from flows.case import Case, CaseState
from flows.case_words import NoticeKind
from flows.follow_up import receipt_due_at
from flows.pages import PageState, rings_until


def wake_at(case: Case) -> datetime | None:
    """The earliest instant at which a plan would have something to do; None when only an event can bring that."""
    return min(_times(case), default=None)


def _times(case: Case) -> Iterator[datetime]:
    yield from _page_times(case)
    yield from (notice.next_at for notice in case.notices)
    if case.closed:
        return
    if case.waiting:
        yield case.step_at
        yield case.next_notice_at
    yield from _claim_times(case)
    yield from (at for at in (case.check_at, case.hold_over_at) if at is not None)
    if case.awaits_outcome and case.ask_at is not None:
        yield case.ask_at
    if case.contact_at is None and NoticeKind.TARGET_MISSED not in case.alarmed:
        yield case.due_at


def _page_times(case: Case) -> Iterator[datetime]:
    for page in case.pages:
        stopping = page.state is PageState.SUPERSEDED and page.ringing
        if page.unsent or (stopping and page.next_at < rings_until(page, case.policy)):
            yield page.next_at
        if (receipt := receipt_due_at(case, page)) is not None:
            yield receipt


def _claim_times(case: Case) -> Iterator[datetime]:
    bridge, claim = case.bridge, case.claim
    if claim is not None and case.state in {CaseState.CLAIMED, CaseState.BRIDGING}:
        yield claim.until
        if not claim.reminded:
            yield case.remind_at
    if case.try_due_at is not None:
        yield case.try_due_at
    if bridge is not None and bridge.staff_in and not bridge.caller_in and case.on_line_call:
        yield bridge.join_at
