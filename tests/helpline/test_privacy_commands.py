"""`helpline privacy`: a caller is named by a case or at the prompt, whoever acts by the roster, and all is on record."""

import pytest
from click.testing import CliRunner
from redis import Redis

from config import demo
from config.settings import Settings
from helpline.__main__ import main
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.store import CallerRecord, keys
from helpline.wiring import build

NUMBER = "+12025550123"


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    folder = tmp_path_factory.mktemp("v")
    with EmbeddedRedis(folder):
        yield demo.completed({"VAR_DIR": str(folder), "HELPLINE_DEMO": "1"})


@pytest.fixture(scope="module")
def line(env):
    return build(Settings.read(env))


@pytest.fixture
def redis(env):
    client = Redis.from_url(f"unix://{env['VAR_DIR']}/redis.sock")
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def privacy(env, line, redis):
    key = line.store.vault.caller_key(NUMBER)
    line.store.transact(lambda tx: tx.put_caller(CallerRecord(key, NUMBER)))
    return lambda *words, typed=f"{NUMBER}\n": CliRunner().invoke(main, ["privacy", *words], env=env, input=typed)


def kept(line):
    return line.store.caller(line.store.vault.caller_key(NUMBER))


def test_forgetting_at_somebodys_word_deletes_and_names_who_did_it(privacy, line, redis):
    done = privacy("forget", "--as", "ana")
    assert done.exit_code == 0, done.output
    assert NUMBER not in done.output
    assert kept(line) is None
    entries = [entry for _, entry in redis.xrange(keys.AUDIT)]
    assert any(entry[b"what"] == b"forget_entered" and entry[b"by"] == b"ana" for entry in entries)


def test_a_hold_puts_it_off_until_released(privacy, line):
    assert privacy("hold", "--as", "ana", "--reason", "matter 7").exit_code == 0
    privacy("forget", "--as", "ana")
    assert kept(line) is not None
    assert "Released" in privacy("release", "--as", "ana").output
    line.forgetting.go_on()
    assert kept(line) is None
    assert "no hold" in privacy("release", "--as", "ana").output


def test_a_block_ends_by_itself_and_can_be_taken_back(privacy, line, redis):
    key = line.store.vault.caller_key(NUMBER)
    assert "Danger still reaches" in privacy("block", "--as", "ana", "--reason", "threats", "--days", "3").output
    assert line.limits.counters.blocked(key).by == "ana"
    assert 2 * 86_400 < redis.ttl(keys.block(key)) <= 3 * 86_400
    privacy("unblock", "--as", "ana")
    assert line.limits.counters.blocked(key) is None


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("forget", "--as", "nobody"), f"{NUMBER}\n", "nobody with the id"),
        (("forget", "--as", "ana"), "911\n", "no number"),
        (("forget", "--as", "ana", "--case", "9Z9Z"), "", "No case has the code '9Z9Z'"),
        (("block", "--as", "ana", "--reason", "x", "--days", "9999"), "", "days"),
    ],
    ids=["stranger", "number", "case", "days"],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(privacy, line, words, typed, said):
    failed = privacy(*words, typed=typed)
    assert failed.exit_code != 0
    assert said in failed.output
    assert kept(line) is not None
