"""Which callers' numbers the line calls back: ordinary ones of its own country, so that nobody earns from our calls.

Only the number a person texted or called from is ever dialled, never one they typed; staff and fallback numbers are
the operator's own word and pass. Numbers come from the carrier, but a caller id can be forged to be a dear one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import phonenumbers
from phonenumbers import PhoneNumberType

from helpline.store.counters import Counters

ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.UNKNOWN,  # a range newer than the tables: a person rather than a fraud
    }
)
SHORTEST = 7  # digits of a national number; shorter ones are services, and cost what they like
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dialling:
    """Guards calls to callers."""

    helpline_number: str
    counters: Counters
    most_a_day: int = 40  # to one number; the policy's own tries are far fewer
    most_for_all: int = 2_000

    def costs_no_more_than_ours(self, number: str) -> bool:
        """Whether calling this number costs what calling a neighbour costs."""
        try:
            theirs, ours = phonenumbers.parse(number, None), phonenumbers.parse(self.helpline_number, None)
        except phonenumbers.NumberParseException:
            return False
        region = phonenumbers.region_code_for_number(theirs)
        home = phonenumbers.region_code_for_number(ours)
        same = theirs.country_code == ours.country_code and (region is None or region == home)
        long_enough = len(str(theirs.national_number)) >= SHORTEST
        return same and long_enough and phonenumbers.number_type(theirs) in ORDINARY

    def may_ring_again(self, caller_key: str, now: datetime) -> bool:
        """Count one more call to this caller; False when there were more today than any person can need."""
        mine, everybody = self.counters.count({f"dialled:{caller_key}": DAY, "dialled": DAY}, now)
        return mine <= self.most_a_day and everybody <= self.most_for_all
