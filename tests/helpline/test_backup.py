"""The restore drill: everything is lost, the backup comes back, and nobody is forgotten, whenever they came."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from flows.ledger import Owner
from helpline.__main__ import main
from helpline.running import embedded_redis
from helpline.store import Unavailable, backup
from tests.helpline.whole_line import ANA, SOMEBODY

pytestmark = pytest.mark.usefixtures("its_environment")

OTHER = "+12025550143"


def everything(redis):
    return {name: redis.dump(name) for name in redis.scan_iter() if not name.startswith(b"rq:")}


def helpline(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_restore_drill(line, tmp_path):
    """A case open at the backup is paged on; who came after it, before the loss, is taken up again."""
    file = tmp_path / "backup"
    line.services.reconciler.run()
    line.text("i took all my pills")
    made = helpline("backup", file)
    assert made.exit_code == 0, made.output
    line.arrives("he is not breathing", OTHER)  # reaches Twilio after the backup; what the line made of it is lost
    line.redis.flushall()
    assert line.services.store.open_cases() == ()
    back = helpline("restore", file)
    assert back.exit_code == 0, back.output
    (case,) = line.services.store.open_cases()
    line.tick(minutes=1)
    line.services.chores.begin()
    for _ in range(5):
        line.tick(seconds=2)
    pages = line.sent(ANA)
    assert any(case.code in page for page in pages)
    both = {one.caller_key for one in line.services.store.open_cases()}
    assert both == {line.services.store.vault.caller_key(number) for number in (SOMEBODY, OTHER)}
    owners = {c.owner for c in line.services.ledger.day(line.clock.now - timedelta(days=1))}
    assert owners == {Owner.STAFF}


def test_what_comes_back_is_what_was_there_with_its_time_to_live(line, tmp_path):
    line.text("hi")
    line.tick(seconds=1)
    before, lives = everything(line.redis), {n: line.redis.pexpiretime(n) for n in line.redis.scan_iter()}
    backup.write(line.redis, tmp_path / "b", line.clock.now)
    line.redis.flushall()
    count, made = backup.read(line.redis, tmp_path / "b")
    assert everything(line.redis) == before
    assert (count, made) == (len(before), line.clock.now)
    assert {n: line.redis.pexpiretime(n) for n in before} == {n: lives[n] for n in before}


def test_only_its_owner_reads_a_backup_and_no_number_or_word_is_in_it(line, tmp_path):
    line.text("my secret words")
    backup.write(line.redis, tmp_path / "b", line.clock.now)
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
    for private in (SOMEBODY, "secret words"):
        assert private.encode() not in (tmp_path / "b").read_bytes()


def test_a_server_in_use_is_left_alone(line, tmp_path):
    line.text("hi")
    backup.write(line.redis, tmp_path / "b", line.clock.now)
    before = everything(line.redis)
    refused = helpline("restore", tmp_path / "b")
    assert (refused.exit_code, "holds something already" in refused.output) == (1, True)
    assert everything(line.redis) == before


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "other"])
def test_half_a_backup_changes_nothing(line, tmp_path, damage):
    line.text("hi")
    file = tmp_path / "b"
    backup.write(line.redis, file, line.clock.now)
    whole = file.read_bytes()
    file.write_bytes(
        {"cut": whole[: len(whole) // 2], "changed": whole.replace(b"A", b"B", 1), "empty": b"", "other": b"{}\n"}[
            damage
        ]
    )
    line.redis.flushall()
    refused = helpline("restore", file)
    assert (refused.exit_code, "no whole backup" in refused.output) == (1, True)
    assert line.redis.dbsize() == 0


def test_a_backup_that_cannot_be_finished_leaves_no_file(line, tmp_path, monkeypatch):
    from redis.exceptions import ConnectionError as Gone

    def gone(*_args, **_more):
        raise Gone

    monkeypatch.setattr(line.redis, "scan_iter", gone)
    with pytest.raises(Unavailable):
        backup.write(line.redis, tmp_path / "b", line.clock.now)
    assert list(tmp_path.iterdir()) == []


def test_a_line_on_the_embedded_server_is_backed_up_and_restored_while_it_is_stopped(line, tmp_path, monkeypatch):
    line.text("hi")
    assert helpline("backup", tmp_path / "b").exit_code == 0
    elsewhere = tmp_path / "v"
    monkeypatch.setenv("VAR_DIR", str(elsewhere))
    back = helpline("restore", tmp_path / "b")
    assert back.exit_code == 0, back.output
    assert not embedded_redis.answers(elsewhere / "redis.sock")
    again = helpline("backup", tmp_path / "b2")
    assert (again.exit_code, again.output.split()[0]) == (0, back.output.split()[0])
