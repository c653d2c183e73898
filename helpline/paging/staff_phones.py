"""What each staff member's phone has to do: texts to one person fold, calls to one person queue."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.case import Case
from flows.folding import Due
from flows.pages import Page, Purpose
from flows.roster import Contact, StaffId
from helpline.store import Gate, RedisStore

AT_ONCE = 2
FOLD_FOR = timedelta(seconds=5)
"""So many page texts to one person go out at once; more within this time wait for its end and go as one."""


@dataclass(frozen=True, slots=True)
class StaffPhones:
    """Which pages are due to one person, and whether their phone can take one now."""

    store: RedisStore
    clock: Callable[[], datetime]

    def due_to(self, staff_id: StaffId, channel: Contact) -> tuple[Due, ...]:
        """Every page that is due to this person by this channel, of any case; also those the carrier refused for now.

        So whoever is reached first after an outage hears of the newest danger first.
        """
        now = self.clock()
        return tuple(
            (case, one)
            for case in self.store.cases_of_staff(staff_id)
            for one in case.pages
            if one.sendable
            and one.due_at <= now
            and one.purpose is Purpose.PAGE
            and (one.staff_id, one.channel) == (staff_id, channel)
        )

    def wait_of(self, case: Case, page: Page) -> datetime | None:
        """Until when this page must wait: their phone rings or they talk, or they just got texts enough."""
        now = self.clock()
        if page.channel is Contact.SMS:
            return self.store.enter_gate(_gate(page.staff_id, page.channel), page.id, now, Gate(AT_ONCE, FOLD_FOR))
        if page.staff_id in self.store.busy_staff(but=""):
            return now + case.policy.ring_timeout
        return self.store.enter_gate(_gate(page.staff_id, page.channel), page.id, now, Gate(1, case.policy.page_lease))

    def rings(self, case: Case, page: Page) -> None:
        """Nobody else calls this person while their phone may ring."""
        until = self.clock() + 2 * case.policy.ring_timeout + case.policy.page_lease
        self.store.keep_gate(_gate(page.staff_id, Contact.CALL), page.id, until)

    def rings_no_more(self, staff_id: StaffId, page_id: str) -> None:
        """The next call to this person may be made at once."""
        self.store.leave_gate(_gate(staff_id, Contact.CALL), page_id)


def _gate(staff_id: StaffId, channel: Contact) -> str:
    return f"{channel}:{staff_id}"
