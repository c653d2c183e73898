"""Keys are changed while people text: every record ends under the new key, and no turn is lost."""

import threading
from dataclasses import replace

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from redis import Redis
from twilio.request_validator import RequestValidator

from config import demo
from config.settings import Settings
from helpline.__main__ import main
from helpline.app import create_app
from helpline.outbox import Outbox
from helpline.privacy.vault import Unreadable, Vault
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.store import RedisStore, Retention
from helpline.store.reseal import reseal
from helpline.wiring import build
from tests.helpline.inside import Clock, Inside
from tests.helpline.stored import values
from tests.stories.people import HELPLINE, until

OLD, NEW, LOOKUP = demo.new_key(), demo.new_key(), demo.new_key()
TURNS = 12


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with EmbeddedRedis(tmp_path_factory.mktemp("v")) as running:
        yield running


@pytest.fixture
def redis(server):
    client = Redis.from_url(server.address)
    client.flushall()
    yield client
    client.close()


def env_with(server, *keys):
    var = server.address.removeprefix("unix://").rpartition("/")[0]
    more = {
        "HELPLINE_SECRET_KEYS": ",".join(keys),
        "HELPLINE_LOOKUP_KEY": LOOKUP,
        "TWILIO_API_URL": "http://127.0.0.1:9",
    }
    return demo.completed({"VAR_DIR": var, "REDIS_URL": server.address, **more})


def a_line(server, redis, *keys):
    settings, clock = Settings.read(env_with(server, *keys)), Clock()
    services = build(settings, clock)
    return Inside(settings, services, create_app(services), redis, clock)


def test_all_records_move_to_the_new_key_while_callers_text_and_the_old_key_retires(server, redis):
    before = a_line(server, redis, OLD)
    numbers = [f"+1202555{n:04d}" for n in range(100, 106)]
    for number in numbers:
        before.text(number, "i want to die")
    line = a_line(server, redis, NEW, OLD)  # every process was started anew with both keys
    failed, stop = [], threading.Event()

    def texts(number):
        for turn in range(TURNS):
            answer = line.post("/twilio/sms", form(number, turn))
            if answer.status_code != 200:
                failed.append(answer.status_code)

    def form(number, turn):
        sid = f"SM{number[-4:]}{turn:028d}"
        return {"MessageSid": sid, "From": number, "To": line.settings.helpline_number, "Body": f"words {turn}"}

    def reseals():
        while not stop.is_set():
            reseal(redis, line.services.store.vault)

    writers = [threading.Thread(target=texts, args=(number,)) for number in numbers]
    rotation = threading.Thread(target=reseals)
    for thread in (*writers, rotation):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    rotation.join()
    assert failed == []
    reseal(redis, line.services.store.vault)
    after = a_line(server, redis, NEW)  # the old key is gone
    vault = after.services.store.vault
    sealed = [value for value in values(redis) if value.sealed]
    assert len(sealed) > 50
    assert [value.key for value in sealed if not vault.current(value.raw)] == []
    for number in numbers:
        key = vault.caller_key(number)
        session = after.services.store.transact(lambda tx, key=key: tx.session(f"sms-{key}"))
        assert session.version == 1 + TURNS
        said = after.services.store.transact(lambda tx, key=key: tx.case_of(key))
        notes = [line.detail.get("text") for line in after.services.store.timeline(said.id)]
        assert [note for note in notes if note and note.startswith("words")] == [f"words {n}" for n in range(TURNS)]


def test_expiry_stays_as_it_was(server, redis):
    line = a_line(server, redis, OLD)
    line.text("+12025550123", "hi")
    before = {name: redis.ttl(name) for name in redis.scan_iter()}
    done = reseal(redis, Vault([NEW, OLD], LOOKUP))
    assert done.changed > 0
    assert (done.current, done.unreadable) == (0, 0)
    assert all(abs(redis.ttl(name) - ttl) <= 2 for name, ttl in before.items())
    again = reseal(redis, Vault([NEW, OLD], LOOKUP))
    assert (again.changed, again.current) == (0, done.changed)


def test_a_record_that_opens_with_no_key_is_counted_and_left_as_it_is(server, redis):
    other = Vault([Fernet.generate_key().decode()], LOOKUP).seal({"x": 1})
    redis.set("session:x", other)
    done = reseal(redis, Vault([NEW, OLD], LOOKUP))
    assert done.unreadable == 1
    assert redis.get("session:x") == other


def test_without_the_old_key_nothing_can_be_resealed_or_read(redis):
    store = RedisStore(redis, Vault([OLD], LOOKUP), Outbox(redis), Retention())
    store.transact(lambda tx: tx.remember_reply("SM1", "<Response/>"))
    with pytest.raises(Unreadable):
        Vault([NEW], LOOKUP).reseal(redis.get("reply:SM1"))


def test_the_command_says_what_it_did_and_fails_where_a_key_is_missing(server, redis):
    a_line(server, redis, OLD).text("+12025550123", "hi")
    done = CliRunner().invoke(main, ["privacy", "reseal"], env=env_with(server, NEW, OLD))
    assert done.exit_code == 0, done.output
    assert "sealed anew" in done.output
    assert "0 open with no key" in done.output
    redis.set("session:x", Vault([demo.new_key()], LOOKUP).seal("x"))
    failed = CliRunner().invoke(main, ["privacy", "reseal"], env=env_with(server, NEW))
    assert failed.exit_code == 1
    assert "no key" in failed.output


def test_the_auth_token_is_changed_under_load_without_a_lost_turn(server, redis):
    """Twilio signs with the old token until the new one is promoted; at every moment one of the two is right."""
    old, new = "a" * 32, "b" * 32
    services = a_line(server, redis, OLD).services

    def started(primary, secondary):
        tokens = {"TWILIO_AUTH_TOKEN": primary, "TWILIO_AUTH_TOKEN_SECONDARY": secondary}
        return create_app(replace(services, settings=Settings.read({**env_with(server, OLD), **tokens})))

    stages = [started(old, ""), started(old, new), started(new, old), started(new, "")]
    current = {"app": stages[0], "signs": old}
    answers, stop = [], threading.Event()

    def texts(first):
        for turn in range(first, first + 10_000):
            if stop.is_set():
                return
            answers.append(send(current["app"], current["signs"], f"SM{turn:032x}"))

    def send(app, signs, sid):
        form = {"MessageSid": sid, "From": f"+120255501{sid[-2:]}", "To": HELPLINE, "Body": "hi"}
        signature = RequestValidator(signs).compute_signature(f"{services.settings.public_url}/twilio/sms", form)
        client = app.test_client()
        return client.post("/twilio/sms", data=form, headers={"X-Twilio-Signature": signature}).status_code

    threads = [threading.Thread(target=texts, args=(n * 10_000,)) for n in range(3)]
    for thread in threads:
        thread.start()
    # Twilio's promotion is between the second and the third: both tokens must be known on either side of it.
    for change in ({"app": stages[1]}, {"signs": new}, {"app": stages[2]}, {"app": stages[3]}):
        seen = len(answers)
        until("more turns", lambda seen=seen: len(answers) >= seen + 12, 60)
        current.update(change)
    seen = len(answers)
    until("turns after the last change", lambda: len(answers) >= seen + 12, 60)
    stop.set()
    for thread in threads:
        thread.join()
    assert set(answers) == {200}
    assert send(stages[3], old, "SM" + "f" * 32) == 403
