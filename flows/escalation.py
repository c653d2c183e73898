"""`plan`: whom to page or ring next, whom to tell what, and when to look again. Pure, total, and never the last word.

A plan first writes down what is to be done (the new case), and only what is written down is ordered. An order that
nobody carries out is given again, so a lost job costs seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

from flows import duties, follow_up, joining
from flows.case import Case, Line, Lines, Notice
from flows.case_words import LineKind
from flows.housekeeping import kept
from flows.notices import still_true
from flows.orders import BridgeCaller, CancelCall, CheckCalls, JoinHolding, Order, PageOrder, Reconcile, RingOwner, Tell
from flows.pages import Page, PageState, Purpose, rings_until
from flows.planning import Work
from flows.roster import Roster, StaffId
from flows.steps import paged
from flows.wake import wake_at

MOST_TELLINGS: Final = 6
"""How often a notice nobody confirmed is ordered; with doubling waits from 5 s that is five minutes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The case as it is to be written, what to do once it is, its timeline, and when to plan again.

    `wake_at` is None only for a closed case with nothing left to stop or tell.
    """

    case: Case
    orders: tuple[Order, ...]
    lines: Lines
    wake_at: datetime | None


def plan(case: Case, roster: Roster, *, now: datetime, busy: frozenset[StaffId] = frozenset()) -> Plan:
    """What is to be done about this case at `now`.

    The policy is the case's own copy. `busy` are staff in a bridge, of any case: they are not paged. Planning again at
    the same `now`, with the case the plan gave, orders nothing and changes nothing.
    """
    work = Work(case, roster, now, busy)
    for duty in _DUTIES:
        work = duty(work)
    if work.case == case:
        return Plan(case, (), (), wake_at(case))
    planned = replace(work.case, version=case.version + 1)
    return Plan(planned, work.orders, work.lines, wake_at(planned))


def _order_pages(work: Work) -> Work:
    for page in work.case.pages:
        if page.next_at <= work.now and (order := _order_for(page)):
            again = replace(page, next_at=work.now + work.case.policy.ring_again)
            needless = isinstance(order, CancelCall) and rings_until(page, work.case.policy) <= work.now
            work = work.with_page(again) if needless else work.with_page(again).ordering(order)
    return work


def _order_for(page: Page) -> Order | None:
    match page.state:
        case PageState.DUE:
            return _send(page)
        case PageState.UNCERTAIN:
            return Reconcile(page)
        case PageState.SUPERSEDED:
            return CancelCall(page) if page.ringing else None
        case (
            PageState.LEASED
            | PageState.FAILED_RETRY
            | PageState.ACCEPTED
            | PageState.SENT
            | PageState.DELIVERED
            | PageState.ANSWERED
            | PageState.FAILED_FINAL
        ):
            return None
        case _ as never:
            assert_never(never)


def _send(page: Page) -> Order:
    match page.purpose:
        case Purpose.PAGE | Purpose.GUEST:
            return PageOrder(page)
        case Purpose.OWNER:
            return RingOwner(page)
        case Purpose.CALLER:
            return BridgeCaller(page)
        case _ as never:
            assert_never(never)


def _order_notices(work: Work) -> Work:
    for notice in work.case.notices:
        due = notice.next_at <= work.now
        if not still_true(work.case, notice) or (due and notice.tries >= MOST_TELLINGS):
            work = _without_notice(work, notice)
        elif due:
            work = _telling(work, notice)
    return work


def _without_notice(work: Work, notice: Notice) -> Work:
    left = tuple(one for one in work.case.notices if one.id != notice.id)
    detail = {"notice": notice.kind.value, "dropped": str(notice.tries)}
    return work.replacing(notices=left).noting(Line(work.now, LineKind.NOTICE, notice.staff_id, detail))


def _telling(work: Work, notice: Notice) -> Work:
    again_at = work.now + work.case.policy.ring_again * 2**notice.tries
    ordered = replace(notice, tries=notice.tries + 1, next_at=again_at)
    notices = tuple(ordered if one.id == notice.id else one for one in work.case.notices)
    return work.replacing(notices=notices).ordering(Tell(ordered))


def _order_checks(work: Work) -> Work:
    """Calls believed to be live are checked now and then: the callback that one ended may be lost."""
    case = work.case
    calls = case.live_calls
    if not calls:
        return work if case.check_at is None else work.replacing(check_at=None)
    if case.check_at is None:
        return work.replacing(check_at=work.now + case.policy.check_calls)
    if case.check_at <= work.now:
        return work.replacing(check_at=work.now + case.policy.check_calls).ordering(CheckCalls(calls))
    return work


def _order_joining(work: Work) -> Work:
    case, bridge = work.case, work.case.bridge
    if bridge is None or not bridge.staff_in or bridge.caller_in or not case.on_line_call or bridge.join_at > work.now:
        return work
    again_at = work.now + case.policy.ring_again
    return work.replacing(bridge=replace(bridge, join_at=again_at)).ordering(JoinHolding(case.on_line_call, bridge.n))


def _tidy(work: Work) -> Work:
    return work.replacing(**kept(work.case, work.now))


_DUTIES: Final[tuple[Callable[[Work], Work], ...]] = (
    duties.pages_woken,
    joining.await_safe_time,
    duties.claim_over,
    joining.ring_owner,
    joining.ring_caller,
    joining.ring_guest,
    follow_up.follow_failures,
    follow_up.hasten,
    follow_up.after_a_round_in_vain,
    paged,
    duties.caller_kept_informed,
    duties.outcome_asked,
    duties.target_watched,
    _order_joining,
    _order_pages,
    _order_notices,
    _order_checks,
    _tidy,
)
