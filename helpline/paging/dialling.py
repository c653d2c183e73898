"""Calls to callers cost what a call to a neighbour costs, and there is an end to how many are made in a day.

What a person types is looked at by `dialable`; this looks at the number they came from, which can be forged to be a
dear one. Staff and fallback numbers are the operator's own word and pass.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import phonenumbers
from phonenumbers import PhoneNumberType

from helpline.paging.dialable import Dialable
from helpline.store.counters import Counters

DEAR = frozenset(
    {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN, PhoneNumberType.PAGER}
)
NEIGHBOURS = {"US": frozenset({"CA", "PR", "VI", "GU", "AS", "MP"})}
"""People of these call a line in that country; the other islands of +1 are where the fraud is."""
SHORTEST = 7  # digits of a national number; shorter ones are services, and cost what they like
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dialling:
    """Guards calls to callers."""

    dialable: Dialable
    counters: Counters
    most_a_day: int = 40  # to one caller; the policy's own tries are far fewer
    most_for_all: int = 2_000

    def costs_no_more_than_ours(self, number: str) -> bool:
        """Whether calling this number costs what calling a neighbour costs."""
        try:
            parsed = phonenumbers.parse(number, None)
        except phonenumbers.NumberParseException:
            return False
        home = self.dialable.home
        region = phonenumbers.region_code_for_number(parsed)
        unknown = region is None and parsed.country_code == phonenumbers.country_code_for_region(home)
        near = region in {home, *NEIGHBOURS.get(home, ())} or unknown  # newer than the tables: a person, not a fraud
        long_enough = len(str(parsed.national_number)) >= SHORTEST
        return near and long_enough and phonenumbers.number_type(parsed) not in DEAR

    def may_ring_again(self, caller_key: str, now: datetime) -> bool:
        """Count one more call to this caller; False when there were more today than any person can need."""
        mine, everybody = self.counters.count({f"dialled:{caller_key}": DAY, "dialled": DAY}, now)
        return mine <= self.most_a_day and everybody <= self.most_for_all
