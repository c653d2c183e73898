"""Cases for a benchmark: opened many at once, and closed by a staff member's word."""

import secrets
from datetime import timedelta

from flows import claims, handling
from flows.case import Case, ClaimVia, Lines, Opening, Outcome
from flows.claims import Claimed
from flows.events import Channel
from flows.roster import StaffId
from flows.step import Consent
from flows.urgency import Urgency
from helpline.store import Transaction
from helpline.wiring import Services

TOGETHER = 50  # opened in one transaction, where only their number matters


def open_many(services: Services, count: int) -> list[str]:
    """So many cases that a staff member has, whose callers want texts only: nobody is paged or called for them."""
    codes = [secrets.token_hex(4).upper() for _ in range(count)]
    for first in range(0, count, TOGETHER):
        _open_some(services, codes[first : first + TOGETHER])
    return codes


def close(services: Services, code: str) -> None:
    """End a case by a staff member's word."""
    case = services.store.transact(lambda tx: tx.case_by_code(code))
    if case is not None:
        by = case.owner or StaffId("ana")
        services.dispatch.change(case.id, lambda c, now: handling.close(c, Outcome.REACHED_ELSEWHERE, by=by, now=now))


def opened(services: Services, code: str, urgency: Urgency) -> tuple[Case, Lines]:
    """A case of somebody who wants texts only, not yet written."""
    opening = Opening(
        id=secrets.token_hex(10),
        code=code,
        caller_key=secrets.token_hex(16),
        session_id=f"sms-{code}",
        channel=Channel.SMS,
        urgency=urgency,
        reason="triage",
        consent=Consent.TEXT_ONLY,
    )
    return handling.open_case(opening, services.content.policy, services.clock())


def _open_some(services: Services, codes: list[str]) -> None:
    def decide(tx: Transaction) -> None:
        for code in codes:
            _open(tx, services, code)

    services.store.transact(decide)


def _open(tx: Transaction, services: Services, code: str) -> None:
    now = services.clock()
    case, lines = opened(services, code, Urgency.SOON)
    held = claims.claim(case, StaffId("carla"), via=ClaimVia.CONSOLE, now=now)
    if not isinstance(held, Claimed):
        raise TypeError(f"a new case could not be taken: {held}")
    tx.put_case(held.case, (*lines, *held.lines), now + timedelta(hours=2))
