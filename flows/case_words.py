"""The closed sets of words that a case is written in."""

from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands. There is no way out of CLOSED, and no way into it but a human's or the caller's word."""

    OPEN = "open"
    PAGING = "paging"
    CLAIMED = "claimed"
    BRIDGING = "bridging"
    CONNECTED = (
        "connected"  # Talking; with no bridge: they have talked or written, and the owner must say how it ended.
    )
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a case ended."""

    HANDED_OVER = "handed_over"
    REACHED_ELSEWHERE = "reached_elsewhere"
    WITHDRAWN_BY_CALLER = "withdrawn_by_caller"
    TRANSFERRED_911_988 = "transferred_911_988"
    UNREACHABLE = "unreachable"


class ClaimVia(StrEnum):
    """How a staff member took the case."""

    SMS = "sms"
    CALL = "call"
    CONSOLE = "console"
    GIVEN = "given"


class GuestKind(StrEnum):
    """Whom an owner can bring into a call."""

    COLLEAGUE = "colleague"
    LIFELINE = "lifeline"


class Hearer(StrEnum):
    """Whom a notice is for."""

    CALLER = "caller"
    STAFF = "staff"
    OPERATORS = "operators"


class NoticeKind(StrEnum):
    """What there is to tell; the words are content. Each is true while the notice is in the case, not longer."""

    # to the caller
    ALERTED = "alerted"  # The carrier has taken the first page.
    STILL_TRYING = "still_trying"  # Staff were paged and nobody has answered yet.
    TAKEN = "taken"  # A staff member has the case.
    LOOKING_AGAIN = "looking_again"  # Whoever had it could not go on.
    MISSED_YOU = "missed_you"  # We called as often as we may and did not reach them.
    HOLD_IS_LONG = "hold_is_long"  # A callback is offered.
    WORDS_LOST = "words_lost"  # Their text did not reach the staff member who writes with them.
    # to a staff member
    CLAIM_SOON_OVER = "claim_soon_over"
    CLAIM_OVER = "claim_over"
    CALLER_NOT_REACHED = "caller_not_reached"
    CALLER_LEFT = "caller_left"
    NOT_SAFE_YET = "not_safe_yet"  # The call back waits for a time the caller called safe.
    CALLER_IS_BACK = "caller_is_back"
    RAISED = "raised"
    GIVEN = "given"
    GAVE_AWAY = "gave_away"
    WITHDRAWN = "withdrawn"
    ASK_OUTCOME = "ask_outcome"
    NO_TEXTS = "no_texts"  # The caller has opted out of texts: staff must not text them either.
    TEXT_FAILED = "text_failed"  # Their text did not reach the caller.
    # to the operators: alarms
    NOBODY_TO_PAGE = "nobody_to_page"
    NOBODY_ANSWERS = "nobody_answers"
    TARGET_MISSED = "target_missed"
    CARRIER_FAULT = "carrier_fault"
    STAFF_OPTED_OUT = "staff_opted_out"
    OUTCOME_MISSING = "outcome_missing"
    MESSAGE_MISSING = "message_missing"  # A spoken message could not be fetched from the carrier yet.


class LineKind(StrEnum):
    """What happened, in the timeline of a case."""

    OPENED = "opened"
    RAISED = "raised"
    CONSENT = "consent"
    OPTED_OUT = "opted_out"
    NOTE = "note"  # The only kind that may hold the caller's words.
    NUMBER_GIVEN = "number_given"  # The caller gave a number to be called back at; the number itself stands elsewhere.
    VOICEMAIL = "voicemail"  # The caller left a spoken message.
    CALL_STARTED = "call_started"
    CALL_ENDED = "call_ended"
    STEP = "step"
    NOBODY_ON_CALL = "nobody_on_call"
    PAGED = "paged"
    PAGE_STATE = "page_state"
    CLAIMED = "claimed"
    PASSED = "passed"
    RELEASED = "released"
    GIVEN = "given"
    CLAIM_EXPIRED = "claim_expired"
    RINGING_OWNER = "ringing_owner"
    RINGING_CALLER = "ringing_caller"
    STAFF_JOINED = "staff_joined"
    STAFF_LEFT = "staff_left"
    CALLER_JOINED = "caller_joined"
    CALLER_LEFT = "caller_left"
    CALLER_NOT_REACHED = "caller_not_reached"
    CONNECTED = "connected"
    TAKEN_OVER = "taken_over"  # The owner writes with the caller; the bot keeps silent.
    GIVEN_BACK = "given_back"  # The bot answers the caller again.
    MESSAGE_LEFT = "message_left"  # A neutral message on the caller's machine, with their leave.
    RATED = "rated"  # The caller's answer to the one question after a call.
    STEPPED_OUT = "stepped_out"  # The owner left the room for a moment, to bring somebody in.
    GUEST_ASKED = "guest_asked"
    GUEST_JOINED = "guest_joined"
    GUEST_LEFT = "guest_left"
    RELAYED = "relayed"
    NOTICE = "notice"
    TOLD = "told"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why a transition was refused."""

    CLOSED = "closed"
    NOT_CLAIMED = "not_claimed"
    NOT_YOURS = "not_yours"
    NO_BRIDGE = "no_bridge"
    OTHER_CALL = "other_call"
    IN_CALL = "in_call"
    IN_DANGER = "in_danger"
    HUMAN_DECIDES = "human_decides"
    NO_TEXTS = "no_texts"
    NO_CALLS = "no_calls"
    NO_SUCH_PAGE = "no_such_page"
    NO_SUCH_NOTICE = "no_such_notice"
    NOT_DUE = "not_due"
