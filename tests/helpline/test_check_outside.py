"""What `helpline check` says of a number at Twilio: what it cannot do, and what carriers ask for in the US."""

import pytest

from config import demo
from config.settings import Settings
from helpline.commands import check_outside
from helpline.commands.webhook_plan import wanted
from helpline.gateway.numbers import NumberAtTwilio
from helpline.gateway.services import ServiceAtTwilio


@pytest.fixture
def settings(tmp_path):
    return Settings.read(demo.completed({"VAR_DIR": str(tmp_path)}))


@pytest.mark.parametrize(
    ("able", "said"),
    [((True, True), []), ((False, True), ["takes no texts"]), ((False, False), ["takes no texts", "takes no calls"])],
)
def test_a_number_that_cannot_text_or_call_blocks(settings, able, said):
    number = NumberAtTwilio("PN1", settings.helpline_number, *able, wanted(settings))
    found = list(check_outside._number_faults(number, settings))
    assert [fault.what.removeprefix(f"{number.number} ") for fault in found] == said
    assert all(fault.blocks for fault in found)


@pytest.mark.parametrize(
    ("number", "todo"),
    [("+17175550100", "an A2P 10DLC campaign"), ("+18335550100", "toll-free verification"), ("+442079460000", "")],
)
def test_what_carriers_ask_for_is_told_before_they_drop_anything(number, todo):
    found = list(check_outside._registration(frozenset, number, None))
    assert [fault.what for fault in found] == ([f"in the US its texts need {todo}"] if todo else [])
    assert not any(fault.blocks for fault in found)


@pytest.mark.parametrize(
    ("number", "registered", "told"),
    [("+17175550100", True, 0), ("+17175550100", False, 1), ("+18335550100", True, 1)],
    ids=["registered", "not registered", "toll-free, which is another matter"],
)
def test_a_service_that_is_registered_settles_what_carriers_ask_of_a_local_number(number, registered, told):
    service = ServiceAtTwilio("MG1", "Night", frozenset({number}), {}, registered)
    assert len(list(check_outside._registration(frozenset, number, service))) == told


@pytest.mark.parametrize(("code", "said"), [(30034, "A2P 10DLC"), (30032, "toll-free number is not verified")])
def test_that_carriers_drop_everything_blocks_and_says_what_to_register(code, said):
    (found,) = check_outside._registration(lambda: frozenset({code}), "+17175550100", None)
    assert said in found.what
    assert found.blocks
