"""Who waits for a call within hours and gets worse hears, each time and in their language, how to say so."""

import pytest

from flows.case import ClaimVia
from flows.roster import StaffId
from flows.urgency import Urgency
from tests.helpline.inside import one_line, somebody  # noqa: F401  fixtures
from tests.helpline.test_hang_ups import Caller
from tests.helpline.voice_walk import heard

SOON = ("1", "4", "2", "4", "4", "6", "1", "1")  # ketamine stopped, nothing acute; may be called at any time
TO_LANGUAGE = {"en": (), "es": ("3",)}
WORSE = {
    "en": {
        "sms": "If you feel worse, reply 1",
        "voice": "If you feel worse, press 1",
        "asked": "Do you have any of these",
    },
    "es": {
        "sms": "Si se siente peor, responda 1",
        "voice": "Si se siente peor, oprima 1",
        "asked": "Tiene algo de esto",
    },
}
both = pytest.mark.parametrize("language", ["en", "es"])


def taken(line, case):
    line.services.dispatch.claim(case.id, StaffId("ana"), via=ClaimVia.SMS, call="")


@both
@pytest.mark.parametrize("somebody_has_it", [False, True], ids=["nobody has it", "somebody has it"])
def test_by_text_it_is_said_on_arrival_and_again_and_one_digit_raises_it(line, number, language, somebody_has_it):
    line.text(number, "hi")
    for key in (*TO_LANGUAGE[language], *SOON):
        answer = line.text(number, key)
    assert WORSE[language]["sms"] in answer
    case = line.services.store.transact(lambda tx: tx.case_of(line.services.store.vault.caller_key(number)))
    if somebody_has_it:
        taken(line, case)
    assert WORSE[language]["sms"] in line.text(number, {"en": "are you there", "es": "sigue ahí"}[language])
    assert WORSE[language]["asked"] in line.text(number, "1")
    assert "911" in line.text(number, "1")
    assert line.services.store.case(case.id).urgency is Urgency.EMERGENCY


@both
@pytest.mark.parametrize("somebody_has_it", [False, True], ids=["nobody has it", "somebody has it"])
def test_on_a_call_it_is_said_on_arrival_and_on_hold_and_one_key_raises_it(line, number, language, somebody_has_it):
    caller = Caller(line, number)
    for key in (*TO_LANGUAGE[language], *SOON):
        caller.presses(key)
    assert WORSE[language]["voice"] in heard(caller.document)
    if somebody_has_it:
        taken(line, caller.case)
    assert WORSE[language]["voice"] in heard(caller.holds().document)
    caller.presses("1")
    assert WORSE[language]["asked"] in heard(caller.document)
    caller.presses("1")
    assert "9 1 1" in heard(caller.document)
    assert caller.case.urgency is Urgency.EMERGENCY


def test_who_waits_for_an_urgent_call_is_not_told_of_a_key_that_means_something_else_there(line, number):
    caller = Caller(line, number).presses("0")
    assert "feel worse" not in heard(caller.document) + heard(caller.holds().document)
