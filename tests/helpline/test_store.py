"""Everything of a turn is written together or not at all, on a real Redis."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from flows.events import Channel
from flows.session import Session
from helpline.outbox import Bell, Job, Outbox
from helpline.privacy.vault import Unreadable, Vault
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.store import CallerRecord, RedisStore, Retention, Unavailable, keys

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
NUMBER = "+12025550123"


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    with EmbeddedRedis(tmp_path_factory.mktemp("r")) as server:
        client = Redis.from_url(server.address)
        yield client
        client.close()


@pytest.fixture
def vault():
    return Vault([Fernet.generate_key().decode()], "lookup-key-of-the-test")


@pytest.fixture
def store(redis, vault):
    redis.flushall()
    return RedisStore(redis, vault, Outbox(redis), Retention())


def a_session(version=0):
    return Session(
        id="sms-x", caller_key="x", channel=Channel.SMS, language="en", content="c", node="n",
        started_at=NOW, last_at=NOW, version=version,
    )  # fmt: skip


def test_what_a_turn_writes_and_rings_happens_together(store, redis):
    def turn(tx):
        tx.put_session(a_session(1))
        tx.remember_reply("SM1", "<Response/>")
        tx.ring(Bell(Job.ADVANCE, ("case",)))

    store.transact(turn)
    assert store.transact(lambda tx: tx.session("sms-x")) == a_session(1)
    assert store.transact(lambda tx: tx.reply_to("SM1")) == "<Response/>"
    assert Queue("urgent", connection=redis, serializer=JSONSerializer).count == 1


def test_a_decision_that_raises_leaves_nothing_behind(store, redis):
    def turn(tx):
        tx.put_session(a_session(1))
        tx.ring(Bell(Job.ADVANCE, ("case",)))
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        store.transact(turn)
    assert redis.keys("*") == []


def test_eight_at_once_on_one_session_lose_nothing(store):
    store.transact(lambda tx: tx.put_session(a_session()))

    def advance(tx):
        session = tx.session("sms-x")
        tx.put_session(replace(session, version=session.version + 1))

    def run():
        for _ in range(25):
            store.transact(advance)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.transact(lambda tx: tx.session("sms-x")).version == 200


def test_numbers_and_words_are_unreadable_in_redis(store, redis):
    store.transact(lambda tx: tx.put_caller(CallerRecord("x", NUMBER)))
    everything = b" ".join(redis.dump(key) or b"" for key in redis.keys("*"))
    assert NUMBER.encode() not in everything
    assert store.caller("x").number == NUMBER


def test_another_key_opens_nothing(vault):
    sealed = vault.seal({"number": NUMBER})
    with pytest.raises(Unreadable, match="HELPLINE_SECRET_KEYS"):
        Vault([Fernet.generate_key().decode()], "other").open(sealed)


def test_after_a_rotation_old_values_open_and_are_resealed_with_the_new_key(vault):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Vault([old], "l").seal("word")
    both = Vault([new, old], "l")
    assert both.open(sealed) == "word"
    assert Vault([new], "l").open(both.reseal(sealed)) == "word"


def test_everything_personal_expires(store, redis):
    def turn(tx):
        tx.put_session(a_session(1))
        tx.put_caller(CallerRecord("x", NUMBER))
        tx.remember_reply("SM1", "<Response/>")

    store.transact(turn)
    assert all(redis.ttl(key) > 0 for key in (keys.session("sms-x"), keys.caller("x"), keys.reply("SM1")))


def test_a_due_timer_is_found_when_its_time_has_come_and_not_before(store):
    member = keys.timer_member("sms-x", "checkin", 3)
    store.transact(lambda tx: tx.wake(member, NOW))
    assert store.due(NOW - timedelta(milliseconds=1)) == ()
    assert store.due(NOW) == (member,)
    assert store.oldest_due() == NOW


def test_a_doorbell_remembers_when_it_was_rung(store):
    assert store.rung_since(("case|1",), NOW) == (None,)
    later = NOW + timedelta(seconds=2)
    assert store.rung_since(("case|2", "case|1"), later) == (None, timedelta(seconds=2))
    assert store.rung_since((), later) == ()


def test_a_redis_that_is_gone_is_said_to_be_unavailable(vault):
    gone = Redis.from_url("redis://127.0.0.1:1/0")
    store = RedisStore(gone, vault, Outbox(gone), Retention())
    with pytest.raises(Unavailable):
        store.transact(lambda tx: tx.session("x"))
    with pytest.raises(Unavailable):
        store.ping()
