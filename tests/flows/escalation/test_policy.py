"""The policy as content: read from plain values, every fault at once."""

import json

import pytest

from flows.plain import from_plain
from flows.policy import By, Level, Policy, faults
from flows.roster import Contact
from flows.urgency import Urgency
from tests.flows.escalation.line import PLAIN_POLICY, POLICY, seconds


def with_emergency(**changes):
    return {**PLAIN_POLICY, "emergency": {**PLAIN_POLICY["emergency"], **changes}}


def test_a_policy_goes_through_json_and_back():
    assert Policy.from_plain(json.loads(json.dumps(POLICY.to_plain()))) == POLICY


def test_each_urgency_has_its_level():
    assert POLICY.level(Urgency.EMERGENCY).human_within == seconds(300)
    assert POLICY.level(Urgency.ROUTINE).human_within == seconds(86400)


def test_both_means_text_and_call():
    assert By.BOTH.contacts == (Contact.SMS, Contact.CALL)
    assert By.SMS.contacts == (Contact.SMS,)


def test_one_more_try_than_there_are_waits_between_tries():
    assert POLICY.emergency.callback_tries == 3


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"steps": []}, "emergency: there is no step, so nobody would be paged"),
        ({"steps": [{"after": 5, "whom": ["primary"]}]}, "emergency: the first step must come after 0 seconds"),
        (
            {"steps": [{"after": 0, "whom": ["a"]}, {"after": 60, "whom": ["b"]}, {"after": 30, "whom": ["c"]}]},
            "emergency: steps must be in order of time",
        ),
        ({"steps": [{"after": 0, "whom": []}]}, "emergency: a step names nobody to page"),
        ({"notices": [60, 60]}, "emergency: notices must be in order of time"),
        ({"repeat_every": 0}, "emergency: repeat_every must be more than 0 seconds"),
        ({"claim_lease": -1}, "emergency: claim_lease must be more than 0 seconds"),
        ({"callback_spacing": [0]}, "emergency: callback_spacing must be more than 0 seconds each"),
    ],
)
def test_a_level_that_would_not_page_is_refused(changes, fault):
    with pytest.raises(ValueError, match=fault):
        Policy.from_plain(with_emergency(**changes))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"page_lease": 0}, "page_lease must be more than 0 seconds"),
        ({"talk_at_least": -1}, "talk_at_least must not be negative"),
        ({"retry_backoff": []}, "retry_backoff needs waits"),
        ({"retry_backoff": [0]}, "retry_backoff needs waits"),
    ],
)
def test_times_that_would_stop_the_engine_are_refused(changes, fault):
    with pytest.raises(ValueError, match=fault):
        Policy.from_plain({**PLAIN_POLICY, **changes})


def test_every_fault_is_named_at_once():
    broken = with_emergency(repeat_every=0, claim_lease=0)
    with pytest.raises(ValueError, match=r"repeat_every.*; emergency: claim_lease"):
        Policy.from_plain(broken)
    assert faults(POLICY) == ()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"stepps": []}, r"Policy.emergency: unknown field stepps"),
        ({"steps": "primary"}, r"Policy.emergency.steps: a list was expected, not 'primary'"),
        ({"steps": ["primary"]}, r"Policy.emergency.steps\[0\]: a mapping was expected, not 'primary'"),
        ({"repeat_every": "often"}, r"Policy.emergency.repeat_every: 'often' is not a timedelta"),
        ({"steps": [{"after": 0, "whom": [3]}]}, r"steps\[0\].whom\[0\]: 3 is not a str"),
        ({"steps": [{"after": 0, "whom": ["a"], "by": "fax"}]}, r"steps\[0\].by: 'fax' is not a By"),
    ],
)
def test_what_is_wrong_in_a_policy_is_said_with_its_place(changes, fault):
    with pytest.raises(ValueError, match=fault):
        Policy.from_plain(with_emergency(**changes))


def test_what_is_missing_is_said_with_its_place():
    with pytest.raises(ValueError, match=r"Policy: missing field routine, soon, urgent$"):
        Policy.from_plain({"emergency": PLAIN_POLICY["emergency"]})


def test_fractions_of_a_second_survive():
    level = from_plain(Level, {**PLAIN_POLICY["soon"], "repeat_every": 0.25})
    assert level.repeat_every == seconds(0.25)
    half = Policy.from_plain({**PLAIN_POLICY, "ring_again": 0.5})
    assert Policy.from_plain(half.to_plain()) == half
