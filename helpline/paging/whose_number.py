"""Which telephone an attempt goes to: that of staff, a fallback number, the caller's, the crisis line's, a drill's."""

from dataclasses import dataclass

from flows.case import Case
from flows.pages import Page, Purpose
from flows.planning import LIFELINE, fallback_place, is_fallback
from flows.roster import StaffId
from helpline.paging.dialling import Dialling
from helpline.paging.wording import Wording
from helpline.running.drill import DRILL
from helpline.staff.roster_source import RosterSource
from helpline.store import RedisStore


@dataclass(frozen=True, slots=True)
class WhoseNumber:
    """Looks numbers up at the moment of the request, so that a changed roster counts at once."""

    store: RedisStore
    roster: RosterSource
    wording: Wording
    dialling: Dialling
    fallback_number: str
    drill_number: str

    def of(self, case: Case, page: Page) -> str | None:
        """The number that this attempt goes to; None where there is none any more."""
        if page.staff_id == LIFELINE:
            return self.wording.hotline("lifeline_by_ten_digits")
        if page.purpose is not Purpose.CALLER:
            return self._staff_number(page.staff_id)
        caller = self.store.caller(case.caller_key)
        number = None if caller is None else caller.to_call
        return number if number and self.dialling.costs_no_more_than_ours(number) else None

    def _staff_number(self, staff_id: StaffId) -> str | None:
        if staff_id == DRILL:
            return self.drill_number or None
        if is_fallback(staff_id):
            numbers = self.roster.now().fallback_numbers or (self.fallback_number,)
            place = fallback_place(staff_id)
            return numbers[place] if place < len(numbers) else None
        staff = self.roster.now().staff_member(staff_id)
        return None if staff is None else staff.phone
