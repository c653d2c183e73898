"""A plan in the making: the case so far, the orders and the timeline that go with it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from flows.case import Case, Line, Lines
from flows.orders import Order
from flows.pages import Page
from flows.roster import Contact, Roster, Staff, StaffId

FALLBACK_PREFIX = "fallback:"
"""The roster's fallback numbers are paged as if they were staff with these ids: fallback:0 is the first."""


@dataclass(frozen=True, slots=True)
class Work:
    """Each duty takes one of these and gives the next."""

    case: Case
    roster: Roster
    now: datetime
    busy: frozenset[StaffId]
    orders: tuple[Order, ...] = ()
    lines: Lines = ()

    def replacing(self, **fields: Any) -> Self:
        return replace(self, case=replace(self.case, **fields))

    def ordering(self, order: Order) -> Self:
        return replace(self, orders=(*self.orders, order))

    def noting(self, *lines: Line) -> Self:
        return replace(self, lines=(*self.lines, *lines))

    def with_page(self, page: Page) -> Self:
        """The page in place of the one with its id, or added."""
        if self.case.page(page.id) is None:
            return self.replacing(pages=(*self.case.pages, page))
        return self.replacing(pages=tuple(page if one.id == page.id else one for one in self.case.pages))

    def reachable_by(self, staff_id: StaffId) -> tuple[Contact, ...]:
        """How this person can be paged; a fallback number can only be called, and so can whoever left the roster."""
        staff = self.roster.staff_member(staff_id)
        return (Contact.CALL,) if staff is None else staff.contact or (Contact.CALL,)

    def speaks(self, staff_id: StaffId) -> bool:
        """True if this person speaks the caller's language."""
        staff: Staff | None = self.roster.staff_member(staff_id)
        return staff is not None and self.case.language in staff.languages


LIFELINE = StaffId("lifeline")
"""The crisis line, called as a third person; its number is content."""


def is_fallback(staff_id: StaffId) -> bool:
    """True for a fallback number that is paged as if it were a staff member."""
    return staff_id.startswith(FALLBACK_PREFIX)


def fallback_place(staff_id: StaffId) -> int:
    """Which of the roster's fallback numbers is meant; 0 is also the deployment's own where the roster has none."""
    return int(staff_id.removeprefix(FALLBACK_PREFIX))
