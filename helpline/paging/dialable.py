"""Which numbers the line may call for somebody who did not call from them.

A line that rings any number it is given is used by others within days: calls to premium and far-away numbers earn money
for whoever owns them, and the line pays (Twilio docs, "Anti-fraud developer's guide"). So only ordinary telephones of
the line's own country are called, and never the line itself.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType

ORDINARY = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
ALSO_HOME = {"US": frozenset({"PR"})}  # dialled and charged like the mainland; other islands of +1 are not
NOT_DIGITS = re.compile(r"[^0-9+]+")
SHORTEST = 4  # digits; most answers to a menu are one
LONGEST = 40  # characters; a number said with words around it is asked for again


@dataclass(frozen=True, slots=True)
class Dialable:
    """The guard of one line: its country, and the numbers it never calls."""

    home: str
    never: frozenset[str] = frozenset()

    def number(self, given: str) -> str:
        """The number in E.164 if the line may call it; empty if it may not or if it is no number."""
        digits = NOT_DIGITS.sub("", given)
        if len(digits) < SHORTEST or len(given) > LONGEST:
            return ""
        try:
            parsed = phonenumbers.parse(digits, self.home)
        except phonenumbers.NumberParseException:
            return ""
        number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        return number if self._ordinary(parsed) and number not in self.never else ""

    def _ordinary(self, parsed: phonenumbers.PhoneNumber) -> bool:
        region = phonenumbers.region_code_for_number(parsed)
        at_home = region in {self.home, *ALSO_HOME.get(self.home, ())}
        return (
            at_home
            and not parsed.extension
            and phonenumbers.is_valid_number(parsed)
            and phonenumbers.number_type(parsed) in ORDINARY
        )


def of_line(helpline_number: str, others: Iterable[str] = ()) -> Dialable:
    """The guard of the line with this number; `others` are numbers of the line's own that it must not ring either."""
    home = phonenumbers.region_code_for_number(phonenumbers.parse(helpline_number)) or "US"
    return Dialable(home, frozenset({helpline_number, *others}))
