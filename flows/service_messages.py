"""The messages the service says by itself, outside any conversation, and the values it can fill in.

Content must have each of them in every language; a placeholder the service cannot fill is a fault.
"""

from collections.abc import Mapping
from types import MappingProxyType

from flows.case_words import NoticeKind

_ABOUT_A_CASE = frozenset({"code", "level", "helper", "tried", "when"})
_ON_HOLD = _ABOUT_A_CASE | {"place", "minutes", "fallback"}
_NONE: frozenset[str] = frozenset()

SERVICE_MESSAGES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "safe_fallback": frozenset({"fallback"}),
        "hold_paging": _ON_HOLD,
        "hold_trying": _ON_HOLD,
        "hold_trying_one": _ON_HOLD,
        "hold_claimed": _ON_HOLD,
        "hold_back": _ON_HOLD,
        "hold_place": _ON_HOLD,
        "hold_typical": _ON_HOLD,
        "hold_keys": _ON_HOLD,
        "hold_long": _ON_HOLD,
        "hold_safety": _ON_HOLD,
        "joining": _ABOUT_A_CASE,
        "goodbye": _NONE,
        "survey": _NONE,
        "caller_screen": _NONE,
        "caller_voicemail": _NONE,
        "page": frozenset({"code", "level", "minutes"}),
        "page_several": frozenset({"cases", "count"}),
        "page_call": _ABOUT_A_CASE,
        "connect_call": _ABOUT_A_CASE,
        "claimed_you": frozenset({"code"}),
        "staff_aside": _ABOUT_A_CASE,
        "guest_on_the_way": _ABOUT_A_CASE,
        "guest_offer": _ABOUT_A_CASE,
        "claimed_you_call": _ABOUT_A_CASE,
        "claimed_other": frozenset({"code", "helper"}),
        "already_taken_care_of": _NONE,
        "already_closed": frozenset({"code"}),
        "which_code": frozenset({"codes"}),
        "unknown_code": frozenset({"code"}),
        "nothing_open": _NONE,
        "passed": frozenset({"code"}),
        "not_closed": frozenset({"code"}),
        "outcome_ask_call": _ABOUT_A_CASE,
        "outcome_done": frozenset({"code"}),
        "staff_help": _NONE,
        "sign_in_code": frozenset({"code"}),
        "confirm_number": frozenset({"code"}),
        "call_me_taken": _NONE,
        "test_ring": _NONE,
        "unknown_command": _NONE,
        "outcome_ask": frozenset({"code"}),
        "release_done": frozenset({"code"}),
        "calling_now": frozenset({"code"}),
        "claimed_you_text": frozenset({"code"}),
        "not_yours": frozenset({"code"}),
        "in_call": frozenset({"code"}),
        "no_calls": frozenset({"code"}),
        "no_texts": frozenset({"code"}),
        "gave": frozenset({"code", "helper"}),
        "give_whom": frozenset({"code"}),
        "about_open": _ABOUT_A_CASE,
        "about_yours": _ABOUT_A_CASE,
        "which_caller": frozenset({"codes"}),
        "staff_list": frozenset({"cases", "count"}),
        "staff_list_empty": _NONE,
        "off_how_long": _NONE,
        "off_until": frozenset({"until"}),
        "off_gap": frozenset({"list"}),
        "on_again": _NONE,
        "who_now": frozenset({"staff"}),
        "stopped_you": _NONE,
        "staff_stopped": frozenset({"helper"}),
        "gap_alarm": frozenset({"list", "from", "until"}),
        "monitor_alarm": frozenset({"what"}),
        "monitor_well": _NONE,
        "number_code": frozenset({"code"}),
        "number_verified": _NONE,
        "roster_changed": frozenset({"list", "from", "until"}),
        "call_caller_left": _ABOUT_A_CASE,
        "call_caller_not_reached": _ABOUT_A_CASE,
        "call_claim_over": _ABOUT_A_CASE,
        "late_answer": _NONE,
        "late_staff": _NONE,
        "missed_call": _NONE,
        "limited": _NONE,
        "blocked": _NONE,
        "repeated": _NONE,
        "alarm_pumping": frozenset({"count"}),
        "ledger_summary": frozenset({"came", "staff", "bot", "out", "open", "missed", "gaps"}),
        "gap_in_ledger": frozenset({"count"}),
        **{f"notice_{kind.value}": _ABOUT_A_CASE for kind in NoticeKind},
    }
)

PAGES_SAY_ONLY = frozenset({"code", "level", "minutes", "cases", "count"})
"""What a page may carry: no name, number, drug, symptom or word of the caller (42 CFR Part 2)."""
