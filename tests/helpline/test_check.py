from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from config import demo
from config.settings import Settings
from helpline.commands import check as checking
from helpline.commands.check import Report, check, gap_faults, redis_faults, tell
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.store.server import ServerFacts
from helpline.wiring import vault_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GOOD = ServerFacts(version=(9, 1, 2), appends=True, last_write_ok=True, eviction="noeviction", role="master", time=NOW)


def environment(folder, **more):
    return demo.completed({"VAR_DIR": str(folder), **more})


def about(report, name):
    return [fault.what for fault in report.faults if fault.file == name]


def test_a_redis_that_forgets_nothing_passes():
    assert list(redis_faults(GOOD, NOW)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": (6, 0, 16)}, "version 6.0.16"),
        ({"appends": False}, "no append-only file"),
        ({"last_write_ok": False}, "could not write"),
        ({"eviction": "allkeys-lru"}, "throws data away (allkeys-lru)"),
        ({"role": "slave"}, "takes no writes"),
        ({"time": NOW - timedelta(seconds=90)}, "differ by 90 s"),
    ],
)
def test_each_way_a_redis_can_lose_a_case_blocks(change, said):
    (fault,) = redis_faults(replace(GOOD, **change), NOW)
    assert fault.blocks
    assert said in fault.what


def test_everything_wrong_with_a_redis_is_told_at_once():
    bad = ServerFacts((5, 0), False, False, "volatile-lru", "slave", NOW + timedelta(hours=1))
    assert len(list(redis_faults(bad, NOW))) == 6


def test_the_embedded_server_passes(tmp_path):
    with EmbeddedRedis(tmp_path):
        settings = Settings.read(environment(tmp_path))
        assert list(checking._redis(settings, datetime.now(UTC))) == []


def test_a_server_that_was_reconfigured_is_found_out(tmp_path):
    with EmbeddedRedis(tmp_path) as server, Redis.from_url(server.address) as redis:
        redis.config_set("maxmemory-policy", "allkeys-lru")
        redis.config_set("appendonly", "no")
        report = check(environment(tmp_path, REDIS_URL=server.address), datetime.now(UTC))
    assert len(about(report, "REDIS_URL")) == 2


@pytest.mark.parametrize(("name", "bad"), [("maxmemory", "1"), ("min-replicas-to-write", "1")])
def test_a_server_that_takes_no_writes_is_found_out(tmp_path, name, bad):
    with EmbeddedRedis(tmp_path) as server, Redis.from_url(server.address) as redis:
        redis.config_set(name, bad)
        report = check(environment(tmp_path, REDIS_URL=server.address), datetime.now(UTC))
    assert any("takes no writes" in what for what in about(report, "REDIS_URL"))
    assert not report.passed


def test_a_redis_that_is_not_there_is_told(tmp_path):
    report = check(environment(tmp_path, REDIS_URL=f"unix://{tmp_path}/nobody.sock"), NOW)
    assert about(report, "REDIS_URL") == ["it does not answer (ConnectionError)"]
    assert not report.passed


def test_faults_of_settings_roster_and_content_are_told_together(tmp_path):
    roster = tmp_path / "roster.yaml"
    roster.write_text("staff: []\n")
    content = tmp_path / "content"
    content.mkdir()
    env = {"HELPLINE_DEMO": "0", "PORT": "x", "ROSTER_FILE": str(roster), "CONTENT_DIR": str(content)}
    files = {fault.file for fault in check(env, NOW).faults}
    assert {"PORT", "TWILIO_AUTH_TOKEN", "HELPLINE_SECRET_KEYS", "roster.yaml"} <= files
    assert {"line.yaml", "policy.yaml"} <= files


GAP = """\
zone: America/New_York
fallback_numbers: ["+1 717 555 0199"]
supervisors: [ana]
staff:
  - {id: ana, name: Ana Flores, phones: ["+1 717 555 0110"], languages: [en], role: supervisor}
lists:
  - name: primary
    shifts:
      - {from: "08:00", to: "20:00", staff: [ana]}
"""


def test_times_without_anybody_on_call_are_told_but_do_not_block(tmp_path):
    file = tmp_path / "roster.yaml"
    file.write_text(GAP)
    roster, _ = checking.read_roster(file)
    faults = list(gap_faults(roster, NOW, "roster.yaml"))
    assert len(faults) == 15  # the hour until eight in the morning there, and fourteen nights
    assert not [fault for fault in faults if fault.blocks]
    assert faults[1].what == "nobody is on call on primary from Wed 25 Nov 01:00 to Wed 25 Nov 13:00 UTC"


def test_what_blocks_is_told_first_and_counted():
    said = []
    blocking = next(redis_faults(replace(GOOD, appends=False), NOW))
    other = replace(blocking, blocks=False)
    tell(Report((other, blocking)), said.append)
    assert said[0].startswith("FAULT    REDIS_URL: it keeps no append-only file")
    assert said[-1] == "1 to mend before the line can run."
    tell(Report((other,)), said.append)
    assert said[-1] == "The line can run."


def test_a_number_that_is_not_paged_because_nobody_verified_it_is_told_and_blocks_nothing(tmp_path):
    real = {"HELPLINE_DEMO": "0", "ROSTER_FILE": "config/roster.demo.yaml", "PUBLIC_URL": "https://line.example.org"}
    with EmbeddedRedis(tmp_path) as server:
        env = {**environment(tmp_path), **real, "REDIS_URL": server.address}
        found = [fault for fault in check(env, NOW).faults if "not verified" in fault.what]
        assert len(found) == 3
        assert "staff verify ana" in found[0].mend
        assert not any(fault.blocks for fault in found)
        with Redis.from_url(server.address) as redis:
            key = vault_of(Settings.read(env)).caller_key("+17175550111")
            redis.sadd("verified", key)
        assert len([fault for fault in check(env, NOW).faults if "not verified" in fault.what]) == 2
