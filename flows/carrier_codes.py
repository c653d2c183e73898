"""What each error of the carrier means for a page: give up, later, the other channel, or call an operator.

Source: Twilio docs, "Error and Warning Dictionary", and its support articles on retrying requests.
"""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Verdict(StrEnum):
    """What to do about a page that the carrier did not deliver; in every case the other channel is tried too."""

    FINAL = "final"  # The same page can never arrive this way.
    LATER = "later"  # It may arrive on a second try.
    OTHER_CHANNEL = "other_channel"  # The phone takes only the other kind.
    OPERATOR = "operator"  # The line itself is set up wrongly: somebody must mend it.
    OPTED_OUT = "opted_out"  # The staff member wrote STOP: calls only, and somebody must talk to them.


_F, _L, _C, _O = Verdict.FINAL, Verdict.LATER, Verdict.OTHER_CHANNEL, Verdict.OPERATOR

VERDICTS: Final = MappingProxyType(
    {
        "14107": _O,  # calls or texts going round in a loop
        "20003": _O,  # wrong credentials
        "20404": _F,  # no such call or message
        "20429": _L,  # too many requests at once: never processed
        "20500": _L,  # the carrier failed
        "20503": _L,  # the carrier is not available
        "13223": _F,  # no such number
        "13224": _L,  # number not valid, or the carrier is out
        "13227": _O,  # country not permitted
        "21211": _F,  # not a number
        "21214": _F,  # the number cannot be reached
        "21215": _O,  # country not permitted
        "21217": _F,  # not a number
        "21220": _F,  # the call is over already
        "21408": _O,  # country not permitted
        "21602": _O,  # text without words
        "21606": _O,  # our number cannot send texts
        "21608": _O,  # trial account
        "21610": Verdict.OPTED_OUT,
        "21611": _L,  # our number's queue is full
        "21612": _C,  # no route between the two numbers
        "21614": _C,  # not a mobile
        "21617": _O,  # text too long
        "21658": _O,  # text too long
        "22005": _L,  # call queue full
        "30001": _L,  # queue full
        "30002": _O,  # account suspended
        "30003": _L,  # handset off or out of reach
        "30004": _C,  # blocked
        "30005": _C,  # unknown handset
        "30006": _C,  # landline
        "30007": _O,  # filtered by the carrier: the same text again would do harm
        "30008": _L,  # unknown error
        "30022": _L,  # too fast for the number's registration
        "30034": _O,  # number not registered
        "30610": _O,  # held back for quiet hours
        "30640": _O,  # held back as a risk
    }
)

NO_KEY: Final = "no-key"  # ours: the call was picked up and nobody pressed a key, as voicemail does
BUSY: Final = "busy"
NO_ANSWER: Final = "no-answer"
UNCONFIRMED: Final = "unconfirmed"  # ours: the answer of the carrier was lost twice

_RANG: Final = frozenset({NO_KEY, BUSY, NO_ANSWER})


def rang(code: str) -> bool:
    """True if the phone did ring, so that the person may still answer: nobody pressed a key, that is all."""
    return code in _RANG


def verdict(code: str) -> Verdict:
    """What to do after this error; an unknown code is treated as one that passes, because a page must not be lost."""
    if rang(code) or code == UNCONFIRMED:
        return Verdict.OTHER_CHANNEL
    return VERDICTS.get(code, Verdict.LATER)
