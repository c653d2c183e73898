"""A page that is made up, sent to the monitor's own phone through everything that a real one goes through."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from flows.case import Case, CaseState, Opening, Outcome, Refused
from flows.codes import code_of
from flows.events import Channel
from flows.handling import close, open_case
from flows.pages import Page, PageState, page_id
from flows.policy import Policy
from flows.roster import Contact, StaffId
from flows.urgency import Urgency
from helpline.outbox import Bell, Job
from helpline.store import RedisStore, Transaction, keys

DRILL = StaffId("drill")
"""Whom a made-up page goes to: the phone in MONITOR_NUMBER, nobody of the roster."""

_NEVER = timedelta(days=1)


class Standing(StrEnum):
    """How far a made-up page has come."""

    UNDER_WAY = "under way"
    ARRIVED = "arrived"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Drills:
    """Makes them and takes them back."""

    store: RedisStore
    policy: Policy

    def begin(self, now: datetime) -> str:
        """Write down a made-up case with one page due and ring for it; gives the case's id. Nobody else hears of it."""

        def decide(tx: Transaction) -> str:
            left = tx.case_of(DRILL)  # of a monitor that was killed
            if left is not None:
                _take_out(tx, left, now)
            case = self._case(code_of(tx.next_code_number()), now)
            tx.put_case(case, (), now)
            tx.ring(Bell(Job.ADVANCE, (case.id,)))
            return case.id

        return self.store.transact(decide)

    def _case(self, code: str, now: datetime) -> Case:
        case_id = f"drill{secrets.token_hex(8)}"
        opening = Opening(
            id=case_id,
            code=code,
            caller_key=DRILL,
            session_id=DRILL,
            channel=Channel.SMS,
            urgency=Urgency.URGENT,
            reason="drill",
            anonymous=True,
            synthetic=True,
        )
        page = Page(
            id=page_id(case_id, DRILL),
            staff_id=DRILL,
            channel=Contact.SMS,
            round=0,
            step=0,
            n=0,
            due_at=now,
            next_at=now,
            followed=True,  # by this channel or not at all
        )
        case, _ = open_case(opening, self.policy, now)
        return replace(
            case, state=CaseState.PAGING, pages=(page,), step_at=now + _NEVER, next_notice_at=now + _NEVER,
            due_at=now + _NEVER,
        )  # fmt: skip

    def standing(self, case_id: str) -> Standing:
        """Whether the page was delivered, as the carrier reported to the line."""
        case = self.store.case(case_id)
        page = None if case is None else case.page(page_id(case_id, DRILL))
        if page is None or page.state is PageState.FAILED_FINAL:
            return Standing.FAILED
        return Standing.ARRIVED if page.received else Standing.UNDER_WAY

    def end(self, case_id: str, now: datetime) -> None:
        """Take the made-up case out of everything again."""

        def decide(tx: Transaction) -> None:
            case = tx.case(case_id)
            if case is not None:
                _take_out(tx, case, now)

        self.store.transact(decide)


def _take_out(tx: Transaction, case: Case, now: datetime) -> None:
    ended = close(case, Outcome.REACHED_ELSEWHERE, by=DRILL, now=now)
    if not isinstance(ended, Refused):
        tx.put_case(ended[0], (), None)
        tx.delete(keys.case(case.id), keys.timeline(case.id), keys.code(case.code))
