"""A caller who asks to be forgotten is: here at once, at the carrier as soon as it can be, in danger not before."""

import re
from datetime import timedelta

import pytest

from emulator.messaging.message import MessageStatus
from flows.case import Outcome
from helpline.gateway.copies import Copies
from helpline.gateway.failures import Unavailable
from helpline.gateway.rest import Callbacks
from helpline.store import keys
from helpline.store.belongings import Hold, drop_hold, forget, hold_of, put_hold
from tests.helpline.stored import tells, values
from tests.helpline.whole_line import ANA, SOMEBODY, fresh, whole_line
from tests.stories.people import until

APART = ("audit", "erase", "rq:job:", "rate:")
"""Ids only; the number for the carrier; jobs that a real worker deletes when done; counters that expire in two days."""
CODE = re.compile(r"\b\d{6}\b")


@pytest.fixture(scope="module")
def the_line(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch, whole_line(tmp_path_factory.mktemp("v"), patch) as running:
        yield running


@pytest.fixture
def line(the_line):
    fresh(the_line).services.chores.begin()
    return the_line


@pytest.fixture
def caller_key(line):
    return line.services.store.vault.caller_key(SOMEBODY)


def what_tells_of(line, caller_key):
    """Keys that still tell something about the caller to whoever has the keys of the line, the erasing aside."""
    vault = line.services.store.vault
    return sorted(
        {
            value.key
            for value in values(line.redis)
            if tells(value.opened(vault), [SOMEBODY, caller_key, "zebra"]) and not value.key.startswith(APART)
        }
    )


def delete(line):
    asked = line.text("DELETE")
    code = CODE.search(asked).group()
    assert "yes" in asked
    return line.text(f"1 {code}"), code


def audit(line):
    return [entry[b"what"].decode() for _, entry in line.redis.xrange(keys.AUDIT)]


def test_a_caller_who_confirms_is_forgotten_at_once_and_told_so(line, caller_key):
    line.text("hi")
    line.text("2")
    assert what_tells_of(line, caller_key)
    said, _ = delete(line)
    assert "Done" in said
    assert what_tells_of(line, caller_key) == []
    assert "forgotten" in audit(line)


def test_without_the_code_nothing_is_deleted_and_the_code_is_another_for_everyone(line, caller_key):
    line.text("hi")
    code = CODE.search(line.text("DELETE")).group()
    other = CODE.search(line.text("DELETE", sender="+12025550143")).group()
    assert code != other
    for wrong in ("1", f"1 {other}"):
        assert "Done" not in line.text(wrong)
    assert keys.caller(caller_key) in what_tells_of(line, caller_key)


def test_the_same_confirmation_again_gets_the_same_answer_and_begins_nothing(line, caller_key):
    line.text("hi")
    code = CODE.search(line.text("DELETE")).group()
    sid = "SM" + "f" * 32
    said = line.text(f"1 {code}", sid=sid)
    assert line.text(f"1 {code}", sid=sid) == said
    assert what_tells_of(line, caller_key) == []


def test_whoever_writes_again_after_it_is_a_stranger(line, caller_key):
    first = line.text("hi")
    delete(line)
    assert line.text("hi") == first


def test_a_case_in_danger_is_not_deleted_before_a_human_has_closed_it(line, caller_key):
    line.text("zebra i want to die")
    said, _ = delete(line)
    assert "still open" in said
    case = line.services.store.open_cases()[0]
    assert line.services.store.caller(caller_key).number == SOMEBODY
    line.tick(minutes=2)
    assert line.services.store.case(case.id) is not None
    line.services.dispatch.claim(case.id, case.tried[0] if case.tried else "ana", via="console", call="")
    owner = line.services.store.case(case.id).owner
    closed = line.services.dispatch.close(case.id, owner, Outcome.REACHED_ELSEWHERE)
    assert closed.closed
    line.tick(minutes=2)
    assert what_tells_of(line, caller_key) == []


def test_who_wants_no_texts_is_still_not_texted_after_being_forgotten(line, caller_key):
    line.text("hi")
    line.text("STOP")
    store = line.services.store
    store.transact(lambda tx: forget(tx, caller_key))
    assert store.caller(caller_key) is None
    assert store.opted_out(caller_key)


def test_a_legal_hold_keeps_everything_until_it_is_released(line, caller_key):
    line.text("hi")
    store, now = line.services.store, line.services.clock()
    store.transact(lambda tx: put_hold(tx, caller_key, Hold("ana", "matter 7", now)))
    said, _ = delete(line)
    assert "law" in said
    held = [name for name in what_tells_of(line, caller_key) if name.startswith(("caller:", "session:"))]
    assert len(held) == 2
    line.services.keeping.sweep()
    assert all(line.redis.ttl(name) == -1 for name in held)
    store.transact(lambda tx: drop_hold(tx, caller_key, "ana"))
    assert store.transact(lambda tx: hold_of(tx, caller_key)) is None
    assert all(line.redis.ttl(name) > 0 for name in held)
    line.tick(minutes=2)
    assert what_tells_of(line, caller_key) == []


def test_the_carriers_copies_go_too_and_what_is_not_finished_is_asked_for_again(line, caller_key):
    line.arrives("hi")
    on_its_way = delivered(line, SOMEBODY)
    line.emulator.engine.call(lambda: setattr(on_its_way, "status", MessageStatus.SENT))
    line.text("hi")
    delete(line)
    line.tick(minutes=11)
    assert len(line.messages(sender=SOMEBODY)) == 0
    assert [one.sid for one in line.messages(to=SOMEBODY)] == [on_its_way.sid]  # 20009
    assert line.redis.exists(keys.erase(caller_key))
    line.emulator.engine.call(lambda: setattr(on_its_way, "status", MessageStatus.DELIVERED))
    line.tick(minutes=11)
    line.tick(minutes=11)
    assert line.messages(to=SOMEBODY) == []
    assert not line.redis.exists(keys.erase(caller_key))
    assert "erased_at_carrier" in audit(line)


def test_what_the_carrier_keeps_of_anybody_goes_after_two_days(line):
    line.arrives("hello there")
    delivered(line, ANA)
    old = {one.sid for one in line.messages()}
    line.clock.on(hours=1)
    line.services.keeping.clear_carrier()
    assert {one.sid for one in line.messages()} == old
    line.clock.on(hours=48)
    assert line.services.keeping.clear_carrier() == len(old) == 2
    assert not old & {one.sid for one in line.messages()}
    assert "carrier_cleared" in audit(line)


def test_a_carrier_that_does_not_answer_is_asked_again_and_nothing_is_claimed(line, caller_key, monkeypatch):
    def unreachable(_number, limit=0):
        raise Unavailable("Twilio cannot be reached")

    line.text("hi")
    delete(line)
    with monkeypatch.context() as patch:
        patch.setattr(Copies, "of", lambda _self, number, limit=0: unreachable(number, limit))
        line.clock.on(minutes=11)
        line.services.forgetting.go_on()
    assert "erased_at_carrier" not in audit(line)
    assert line.redis.exists(keys.erase(caller_key))
    line.clock.on(minutes=11)
    line.services.forgetting.go_on()
    assert "erased_at_carrier" in audit(line)


def delivered(line, number):
    """A text of ours that has arrived."""
    line.services.gateway.text(number, "a text", Callbacks(line.services.addresses.of("status/notice")))
    (message,) = line.messages(to=number)
    until("delivery", lambda: message.status is MessageStatus.DELIVERED)
    return message


def test_words_of_a_long_open_case_go_after_their_time_and_the_sweep_is_on_record(line, caller_key):
    line.text("i want to die")
    line.text("zebra on the roof")
    case = line.services.store.open_cases()[0]
    assert any("zebra" in str(entry.detail) for entry in line.services.store.timeline(case.id))
    line.services.keeping.sweep()
    assert any("zebra" in str(entry.detail) for entry in line.services.store.timeline(case.id))
    line.clock.on(days=31)
    swept = line.services.keeping.sweep()
    assert swept.texts_expired >= 1
    kept = line.services.store.timeline(case.id)
    assert not any("zebra" in str(entry.detail) for entry in kept)
    assert any(entry.detail.get("expired") == "text" for entry in kept)
    proof = line.redis.xrevrange(keys.AUDIT, count=1)[0][1]
    assert proof[b"what"] == b"retention_swept"
    assert int(proof[b"texts_expired"]) == swept.texts_expired


def test_a_record_that_would_never_expire_is_found_and_mended(line):
    line.text("hi")
    name = next(iter(line.redis.scan_iter("session:*")))
    line.redis.persist(name)
    assert line.services.keeping.sweep().without_expiry == 1
    assert line.redis.ttl(name) > 0


def test_a_closed_case_leaves_after_90_days_and_a_count_stays(line):
    line.text("i want to die")
    case = line.services.store.open_cases()[0]
    line.services.dispatch.claim(case.id, "ana", via="console", call="")
    line.services.dispatch.close(case.id, "ana", Outcome.HANDED_OVER)
    for name in (keys.case(case.id), keys.timeline(case.id), keys.code(case.code)):
        assert timedelta(days=89).total_seconds() < line.redis.ttl(name) <= timedelta(days=90).total_seconds()
    month = f"{line.services.clock():%Y-%m}"
    assert line.redis.hgetall(keys.outcomes(month)) == {f"{case.urgency.word}:handed_over".encode(): b"1"}
