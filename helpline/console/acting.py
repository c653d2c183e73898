"""What staff do to a case from the console: the same transitions as by phone, with their audit line in one commit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flows import claims
from flows.case import Case, ClaimVia, Lines, Reason, Refused
from flows.claims import Claimed, ClaimResult
from flows.roster import StaffId
from helpline.store import Transaction
from helpline.wiring import Services

Change = Callable[[Case, datetime], tuple[Case, Lines] | Refused]
Also = Callable[[Transaction, Case], None]

WHY = {
    Reason.CLOSED: "The case is closed already. Nothing was changed.",
    Reason.NOT_CLAIMED: "Nobody has the case yet. Take it first.",
    Reason.NOT_YOURS: "The case is not yours (any more). Nothing was changed.",
    Reason.IN_CALL: "You are in a call for this case. End the call first.",
    Reason.NO_TEXTS: "This caller may not be texted.",
    Reason.NO_CALLS: "This caller may not be called.",
    Reason.IN_DANGER: "The case is in danger, so only a person can close it.",
}


def refused(reason: Reason) -> str:
    """Why nothing happened, in words."""
    return WHY.get(reason, "That is not possible now. Nothing was changed.")


def unsafe_until(case: Case, now: datetime) -> datetime | None:
    """Until when the caller said that a call is not safe; None if it is now, or they are on the line already.

    Somebody who hurts them may stand beside the phone, so no tired thumb may call without being told.
    """
    safe_from = replace(case, call_anyway=False).call_from(now)
    return None if case.on_line_call or not case.may_call or safe_from <= now else safe_from


def act(
    line: Services, case_id: str, who: StaffId, what: str, change: Change, also: Also | None = None
) -> Case | Refused | None:
    """Make a transition; None where there is no such case. `also` writes what belongs to it, in the same commit."""

    def decide(tx: Transaction) -> Case | Refused | None:
        case = tx.case(case_id)
        if case is None:
            return None
        changed = change(case, line.clock())
        if isinstance(changed, Refused):
            tx.audit(what, staff=who, case=case_id, refused=changed.reason.value)
            return changed
        tx.audit(what, staff=who, case=case_id)
        if also is not None:
            also(tx, changed[0])
        return line.dispatch.write(tx, case, changed)

    return line.store.transact(decide)


def claim(line: Services, case_id: str, who: StaffId) -> ClaimResult | None:
    """Take a case if nobody has it: compare-and-set, the same as by phone."""

    def decide(tx: Transaction) -> ClaimResult | None:
        case = tx.case(case_id)
        if case is None:
            return None
        result = claims.claim(case, who, via=ClaimVia.CONSOLE, now=line.clock())
        tx.audit("claim", staff=who, case=case_id, result=type(result).__name__)
        if isinstance(result, Claimed):
            line.dispatch.write(tx, case, (result.case, result.lines))
        return result

    return line.store.transact(decide)
