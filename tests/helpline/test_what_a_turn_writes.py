"""What a turn writes, and what it leaves as it is because it stands there already."""

from datetime import timedelta

import pytest

from flows.events import Channel
from flows.ledger import Contact, Ending, Owner, ended
from helpline.arrival import text_session
from helpline.conversation import SEEN_AGAIN
from helpline.store import keys
from tests.helpline.inside import Inside, inside

numbers = iter(f"+1202556{n:04d}" for n in range(100, 200))


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory):
    with inside(tmp_path_factory.mktemp("v")) as running:
        yield running


def seen(line: Inside, number: str):
    return line.services.store.caller(line.services.store.vault.caller_key(number)).last_seen


def test_a_caller_was_last_seen_when_their_conversation_began_and_then_to_within_minutes(line: Inside):
    number = next(numbers)
    line.text(number, "hi")
    began = line.clock.now
    assert seen(line, number) == began
    line.clock.now += timedelta(minutes=1)
    line.text(number, "1")
    assert seen(line, number) == began
    line.clock.now += SEEN_AGAIN
    line.text(number, "4")
    assert seen(line, number) == line.clock.now


def test_what_a_caller_says_of_themselves_is_written_at_once(line: Inside):
    number = next(numbers)
    line.text(number, "hi")
    line.text(number, "español")
    key = line.services.store.vault.caller_key(number)
    assert line.services.store.caller(key).language == "es"


def test_the_list_of_what_is_kept_about_a_caller_names_all_of_it_and_outlives_it(line: Inside):
    number = next(numbers)
    for word in ("hi", "1", "4"):
        line.text(number, word)
    key = line.services.store.vault.caller_key(number)
    session = text_session(key)
    kept = {keys.session(session), keys.contact(session)}
    assert {name.decode() for name in line.redis.smembers(keys.held(key))} == kept
    assert all(line.redis.ttl(keys.held(key)) >= line.redis.ttl(name) for name in (*kept, keys.caller(key)))


def test_records_of_another_caller_are_not_in_the_list(line: Inside):
    one, other = next(numbers), next(numbers)
    for number in (one, other):
        line.text(number, "hi")
    vault = line.services.store.vault
    lists = [line.redis.smembers(keys.held(vault.caller_key(number))) for number in (one, other)]
    assert not lists[0] & lists[1]


def test_a_timer_that_a_turn_took_back_is_neither_due_nor_rung_for(line: Inside):
    number = next(numbers)
    store = line.services.store
    session = text_session(store.vault.caller_key(number))
    line.text(number, "hi")
    first = keys.timer_member(session, "session", 1)
    assert store.is_due(first)
    store.rung_since((first,), line.clock.now)
    line.text(number, "1")
    assert not store.is_due(first)
    store.rung_since(("case|x",), line.clock.now + timedelta(hours=2))
    assert line.redis.zscore(keys.RUNG, first) is None


def test_where_callers_are_is_read_from_their_conversations(line: Inside):
    number = next(numbers)
    line.clock.now += timedelta(hours=1)
    line.text(number, "hi")
    since = line.clock.now - timedelta(minutes=30)
    assert line.services.console.present(since) == {"menu": 1}
    line.text(number, "1")
    assert line.services.console.present(since) == {"q1": 1}
    line.text(number, "STOP")
    assert line.services.console.present(since) == {}


def test_an_ended_contact_without_a_conversation_leaves_no_empty_record(line: Inside):
    store, now = line.services.store, line.clock.now
    contact = Contact(
        id="c1", session_id="web-1", caller_key="k", channel=Channel.SMS, began_at=now, last_at=now, owner=Owner.LINE
    )

    def begun_and_ended(tx):
        tx.put_contact(contact)
        tx.put_contact(ended(contact, Ending.COMPLETED, now))

    store.transact(lambda tx: tx.put_contact(contact))
    assert line.redis.exists(keys.contact("web-1"))
    store.transact(begun_and_ended)
    assert not line.redis.exists(keys.contact("web-1"))
    assert store.ended_contact("c1").ending is Ending.COMPLETED
