"""The traps that the best other helplines and flow systems have fallen into, one by one: this line does not.

The numbers are those of the study of other systems that this line was designed from. Where a trap needs more than a few
lines to show, the test that shows it stands elsewhere and is named in `SHOWN_ELSEWHERE`; some are shown both here and there.
"""

import ast
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from config import content
from config.settings import Settings
from tests.helpline.inside import one_line, somebody  # noqa: F401  fixtures
from tests.helpline.test_hang_ups import Caller, offered, on_hold, staff
from tests.helpline.voice_walk import heard, listens

PROJECT = Path(__file__).parents[2]
SHOWN_ELSEWHERE = {
    "1 menu without a verb after Gather": (
        "tests/helpline/test_voice_documents.py::test_every_document_a_caller_can_reach_is_sound",
    ),
    "2 wrong input without an end, at every question": (
        "tests/flows/test_promises.py::test_silence_and_nonsense_lead_to_a_person_or_an_end_and_never_round_for_ever",
    ),
    "4 a private voicemail that answers, of the caller's": (
        "tests/stories/test_voice_line.py::test_a_machine_hears_a_neutral_message_only_with_leave_and_the_staff_member_is_told",
        "tests/flows/escalation/test_bridging.py::test_a_call_that_somebody_picks_up_without_pressing_a_key_has_not_reached_the_caller",
    ),
    "5 claim by counting, or check then set": (
        "tests/helpline/test_hang_ups.py::test_two_staff_who_press_1_in_the_same_moment_are_told_one_yes_and_one_name",
        "tests/stories/test_voice_line.py::test_two_staff_who_press_1_in_the_same_moment_and_one_has_the_caller",
    ),
    "6 outdial promise in process": (
        "tests/stories/test_recovery.py::test_a_worker_killed_between_the_lease_and_the_request_still_pages_within_25_s",
    ),
    "7 work popped before it is done": (
        "tests/stories/test_recovery.py::test_a_worker_killed_with_a_danger_text_costs_seconds_not_the_page",
    ),
    "10 after-midnight half of a shift lost, fixed offset": (
        "tests/flows/test_hours.py::test_a_night_goes_on_after_midnight_and_belongs_to_the_day_it_began",
        "tests/flows/roster/test_every_instant.py::test_every_minute_around_every_clock_change_equals_the_reference",
    ),
    "12 PIN without limit or expiry": (
        "tests/console/test_signing_in.py::test_after_five_wrong_codes_the_right_one_is_dead_too",
        "tests/console/test_signing_in.py::test_a_code_is_good_for_ten_minutes",
    ),
    "16 confirmation after STOP": (
        "tests/helpline/test_no_texts.py::test_a_text_to_somebody_who_opted_out_never_leaves",
    ),
    "17 the same notice every 20 s": (
        "tests/flows/test_holding.py::test_the_same_is_not_said_again_for_a_hundred_seconds",
    ),
    "18 an inbound text re-subscribes": (
        "tests/helpline/test_no_texts.py::test_an_opt_out_outlives_everything_else_that_is_kept_of_a_caller",
    ),
    "15 dedup that fails open": (
        "tests/stories/test_faults.py::test_the_same_text_twice_and_eight_at_once_has_one_effect_and_one_answer",
        "tests/stories/test_voice_calls.py::test_reports_that_come_late_twice_swapped_or_never_leave_the_talk_and_its_record_right",
    ),
    "19 records that lose types": ("tests/flows/test_promises.py::test_every_history_of_events_keeps_the_promises",),
}


def test_each_of_the_twenty_traps_has_a_test():
    here = [name for name in globals() if re.match(r"test_\d", name)]
    named = [re.match(r"test_([\d_and]+?)_(?!and_\d)", name)[1] for name in here] + list(SHOWN_ELSEWHERE)
    shown = {int(number) for name in named for number in re.findall(r"^\d+|(?<=_)\d+", name)}
    assert shown == set(range(1, 21))


@pytest.mark.parametrize("trap", SHOWN_ELSEWHERE)
def test_a_trap_shown_elsewhere_is_shown_there(trap):
    for place in SHOWN_ELSEWHERE[trap]:
        file, _, name = place.partition("::")
        tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, place


def test_2_wrong_input_is_counted_and_leads_to_a_person_and_never_round_and_round(line, number):
    caller = Caller(line, number)
    for _ in range(2):
        caller.presses("##*")
    assert caller.case is not None
    assert "getting a person" in caller.document


def test_3_a_tripped_guard_leads_to_a_person_and_not_to_dead_air(line, number):
    caller = Caller(line, number)
    most = line.services.content.flow.guards.max_turns
    for _ in range(most + 1):
        caller.presses("9")
    assert caller.case is not None
    assert "person" in heard(caller.document)
    assert listens(caller.document)[1] is not None


def test_4_a_private_voicemail_that_answers_is_not_given_the_caller(line, number):
    caller = on_hold(line, number)
    page, sid = offered(line, caller.case)
    first = staff(line, f"/twilio/staff/offer?p={page.id}", sid)
    again = staff(line, f"/twilio/staff/offer?p={page.id}&n=1", sid)
    assert "<Conference" not in first + again
    assert again.endswith("<Hangup /></Response>")
    assert caller.case.owner is None


def test_6_and_7_what_was_promised_stands_in_the_due_index_though_every_queue_is_lost(line, number):
    caller = on_hold(line, number)
    line.redis.delete(*line.redis.keys("rq:*"))
    assert f"case|{caller.case.id}" in line.services.store.due(line.clock())
    assert [bell.job.name for bell in line.services.dispatch.advance(caller.case.id)].count("SEND") >= 2


def test_8_no_setting_is_read_and_never_used():
    used = {
        node.attr
        for package in ("config", "helpline", "workers")
        for file in sorted((PROJECT / package).rglob("*.py"))
        if file.name != "settings.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    own = {"redis_url", "auth_token_secondary"}  # read by properties of the settings themselves
    assert Settings.model_fields.keys() - own - used == set()


def test_9_the_number_of_a_caller_stands_nowhere_in_clear(line, number):
    on_hold(line, number).presses("6").presses("2").presses("2025550991").presses("1")
    digits = (b"2025550123", b"2025550991", b"202-555-0991")
    for key in line.redis.keys("*"):
        kind = line.redis.type(key)
        kept = {
            b"string": line.redis.get,
            b"list": lambda k: b"".join(line.redis.lrange(k, 0, -1)),
            b"set": lambda k: b"".join(line.redis.smembers(k)),
            b"zset": lambda k: b"".join(line.redis.zrange(k, 0, -1)),
            b"hash": lambda k: b"".join(a + b for a, b in line.redis.hgetall(k).items()),
            b"stream": lambda k: repr(line.redis.xrange(k)).encode(),
        }[kind](key)
        assert not any(one in key + kept for one in digits), key


def test_11_nothing_in_an_address_changes_a_setting(line, number):
    plain = line.call(number)
    changed = line.call("+12025550124", "/twilio/voice?language=es&fallback_number=%2B19005550100&helpline_number=1")
    assert heard(changed) == heard(plain)
    assert "9005550100" not in changed


def test_13_no_message_holds_a_link_and_no_address_gives_a_recording_away(line, number):
    catalogue = content.load().catalogue
    texts = [
        form
        for messages in catalogue.messages.values()
        for forms in messages.values()
        for form in (forms.sms, forms.voice)
    ]
    assert [text for text in texts if "http" in text or "www." in text] == []
    case, sound = on_hold(line, number).case, b"RIFF what was said"
    line.services.store.transact(lambda tx: tx.put_voicemail("RE" + "1" * 32, case.id, sound))
    assert line.services.voicemail.of_case(case.id) != ()
    addresses = [rule.rule for rule in line.rules if "voicemail" in rule.rule]
    assert addresses != []
    for address in addresses:
        for place in range(2):
            filled = address.replace("<case_id>", case.id).replace("<int:place>", str(place))
            assert "<" not in filled
            answer = line.app.test_client().get(filled)
            assert answer.status_code in {302, 303, 401, 403}, filled
            assert sound not in answer.data


@pytest.mark.parametrize("word", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_14_each_of_twilio_s_words_for_the_end_of_a_call_ends_it_and_no_other(line, number, word):
    caller = on_hold(line, number)
    page, sid = offered(line, caller.case)

    def reported(status):
        form = {"CallSid": sid, "CallStatus": status}
        assert line.post(f"/twilio/status/page?p={page.id}", form).status_code == 204
        known = caller.case.page(page.id)
        return known is not None and known.live_call

    assert reported("complete")
    assert reported("ended")
    assert not reported(word)
    assert not reported("in-progress")  # late


def test_15_the_same_event_has_one_answer_and_later_statuses_of_one_call_are_no_repetition(line, number):
    sid = line.sid("CA")
    assert line.call(number, CallSid=sid) == line.call(number, CallSid=sid)
    caller = on_hold(line, number)
    page, _ = offered(line, caller.case)
    calls = line.services.store.case(caller.case.id).page(page.id)
    for status in ("completed", "ringing"):
        form = {"CallSid": calls.sids[0], "CallStatus": status}
        assert line.post(f"/twilio/status/page?p={page.id}", form).status_code == 204
    assert line.services.store.case(caller.case.id).page(page.id).status == "completed"


def test_20_the_line_never_answers_itself(line):
    own = line.settings.helpline_number
    answer = line.text(own, "hi")
    assert list(ET.fromstring(answer)) == []
    assert line.services.store.caller(line.services.store.vault.caller_key(own)) is None
