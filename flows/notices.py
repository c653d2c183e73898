"""What has to be told to the caller, the owner or the operators: kept in the case until told, dropped once untrue."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from flows.case import (
    NOBODY,
    Case,
    CaseState,
    Hearer,
    Line,
    LineKind,
    Lines,
    Notice,
    NoticeKind,
    Reason,
    Refused,
    changed,
)
from flows.roster import StaffId

_TO_CALLER: Final = frozenset(
    {
        NoticeKind.ALERTED,
        NoticeKind.STILL_TRYING,
        NoticeKind.TAKEN,
        NoticeKind.LOOKING_AGAIN,
        NoticeKind.MISSED_YOU,
        NoticeKind.HOLD_IS_LONG,
        NoticeKind.WORDS_LOST,
    }
)
_ALARMS: Final = frozenset(
    {
        NoticeKind.NOBODY_TO_PAGE,
        NoticeKind.NOBODY_ANSWERS,
        NoticeKind.TARGET_MISSED,
        NoticeKind.CARRIER_FAULT,
        NoticeKind.STAFF_OPTED_OUT,
        NoticeKind.OUTCOME_MISSING,
        NoticeKind.MESSAGE_MISSING,
    }
)
_TRUE_FOR_EVER: Final = _ALARMS | {
    NoticeKind.CLAIM_OVER,
    NoticeKind.GAVE_AWAY,
    NoticeKind.WITHDRAWN,
    NoticeKind.TEXT_FAILED,
}
_WHILE_WAITING: Final = frozenset({NoticeKind.ALERTED, NoticeKind.STILL_TRYING, NoticeKind.LOOKING_AGAIN})
_WHILE_NOT_CONNECTED: Final = frozenset({NoticeKind.TAKEN, NoticeKind.CLAIM_SOON_OVER, NoticeKind.NOT_SAFE_YET})


def hearer(kind: NoticeKind) -> Hearer:
    """Whom a notice of this kind is for."""
    if kind in _TO_CALLER:
        return Hearer.CALLER
    return Hearer.OPERATORS if kind in _ALARMS else Hearer.STAFF


def with_notice(case: Case, kind: NoticeKind, now: datetime, *, staff_id: StaffId = NOBODY, call: str = "") -> Case:
    """The case with one more thing to tell. A newer word to the caller takes the place of one not told yet.

    `call` is the staff call on which it can be said. A caller who is not on the line and may not be texted is told
    nothing.
    """
    to = hearer(kind)
    if to is Hearer.CALLER and not (case.on_line_call or case.may_text):
        return case
    made = case.notices_made + 1
    said_on = case.on_line_call if to is Hearer.CALLER else call
    notice = Notice(id=f"{case.id}.{made}", to=to, kind=kind, made_at=now, next_at=now, staff_id=staff_id, call=said_on)
    kept = tuple(one for one in case.notices if not _replaced(one, notice))
    return replace(case, notices=(*kept, notice), notices_made=made)


def with_alarm(case: Case, kind: NoticeKind, now: datetime, *, staff_id: StaffId = NOBODY) -> Case:
    """The case with an alarm to the operators; each kind is given once in a case."""
    if kind in case.alarmed:
        return case
    return with_notice(replace(case, alarmed=(*case.alarmed, kind)), kind, now, staff_id=staff_id)


def told(case: Case, notice_id: str, now: datetime) -> tuple[Case, Lines] | Refused:
    """The case once somebody has been told: the notice is done."""
    notice = next((one for one in case.notices if one.id == notice_id), None)
    if notice is None:
        return Refused(Reason.NO_SUCH_NOTICE)
    left = tuple(one for one in case.notices if one.id != notice_id)
    line = Line(now, LineKind.TOLD, notice.staff_id or notice.to, {"notice": notice.kind})
    return changed(case, notices=left), (line,)


def still_true(case: Case, notice: Notice) -> bool:
    """True while the notice may be told: what it says is so."""
    kind = notice.kind
    if kind in _TRUE_FOR_EVER:
        return True
    on_a_call = notice.to is Hearer.STAFF and bool(notice.call)
    if case.closed or on_a_call:
        return on_a_call and _waits_on_the_call(case, notice)
    if kind in _WHILE_WAITING:
        return case.waiting
    if kind is NoticeKind.HOLD_IS_LONG:
        return bool(case.on_line_call) and case.state is not CaseState.CONNECTED
    if kind in _WHILE_NOT_CONNECTED and (case.waiting or case.state is CaseState.CONNECTED):
        return False
    return notice.to is Hearer.CALLER or notice.staff_id == case.owner


def _waits_on_the_call(case: Case, notice: Notice) -> bool:
    """Whoever waits on that call is told, whoever has the case by now: else they would sit there alone for good."""
    return case.bridge is None or case.bridge.staff_call != notice.call


def finished(case: Case, *lines: Line) -> tuple[Case, Lines]:
    """The end of every transition: the next version, without what it made untrue: notices, and a guest of no bridge."""
    kept = tuple(one for one in case.notices if still_true(case, one))
    return changed(case, notices=kept, guest=case.guest if case.bridge is not None else None), lines


def _replaced(old: Notice, new: Notice) -> bool:
    if new.to is Hearer.CALLER:
        return old.to is Hearer.CALLER
    return old.kind is new.kind and old.staff_id == new.staff_id
