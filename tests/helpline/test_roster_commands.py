"""`helpline roster show` and `gaps`."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from config import demo
from config.settings import Settings
from flows.roster import Override, OverrideKind, StaffId
from helpline.commands.roster import roster
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.wiring import build

ROSTER = """\
zone: America/New_York
fallback_numbers: ["+1 717 555 0199"]
supervisors: [dora]
staff:
  - {id: ana, name: Ana Flores, phones: ["+17175550110"]}
  - {id: dora, name: Dora Lindqvist, phones: ["+17175550112"], role: supervisor}
lists:
  - name: primary
    rotations:
      - {turn: daily, first: 2026-01-05, handoff: "09:00", staff: [ana, dora]}
  - name: backup
    always_covered: no
    shifts:
      - {days: [mon], from: "09:00", to: "17:00", staff: [dora]}
"""
AT = ("--at", "2026-03-01T12:00-05:00")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where no line is

    def running(*arguments: str, text: str = ROSTER, live: list[Override] | str | None = None):
        file = tmp_path / "roster.yaml"
        file.write_text(text, encoding="utf-8")
        more = ()
        if live is not None:
            overrides = tmp_path / "live.json"
            overrides.write_text(live if isinstance(live, str) else json.dumps([o.to_json() for o in live]))
            more = ("--overrides", str(overrides))
        return CliRunner().invoke(roster, [arguments[0], str(file), *arguments[1:], *more])

    return running


def out(who: str) -> Override:
    start, end = datetime(2026, 3, 1, 18, tzinfo=UTC), datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
    return Override(id="x", kind=OverrideKind.OUT, who=StaffId(who), start=start, end=end)


def test_show_says_who_is_on_now_and_next_on_each_list(run):
    shown = run("show", *AT)
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [
        "primary (America/New_York)",
        "  now   Dora Lindqvist",
        "  next  Ana Flores, from Mon 02 Mar 2026 09:00 EST",
        "backup (America/New_York)",
        "  now   nobody",
        "  next  Dora Lindqvist, from Mon 02 Mar 2026 09:00 EST",
    ]


def test_show_says_when_nothing_ever_changes(run):
    assert "no change" in run("show", *AT, text=ROSTER.replace("staff: [ana, dora]}", "staff: [ana]}")).output


def test_show_says_that_a_list_is_uncovered(run):
    shown = run("show", "--at", "2026-03-01T18:30Z", live=[out("dora")])
    assert "now   NOBODY (a gap)" in shown.output


def test_no_gap_ends_with_code_0(run):
    shown = run("gaps", *AT)
    assert (shown.exit_code, shown.stdout.count("\n")) == (0, 1)
    assert "every minute of the next 14 days" in shown.output


def test_a_gap_is_shown_in_local_time_and_ends_with_code_1(run):
    shown = run("gaps", *AT, live=[out("dora")])
    assert shown.exit_code == 1
    first, last = shown.stdout.splitlines()
    assert first == (
        "primary: nobody from Sun 01 Mar 2026 13:00 EST to Sun 01 Mar 2026 15:30 EST (2 h 30 min, America/New_York)"
    )
    assert "2 h 30 min in all" in last


def test_a_faulty_file_shows_every_fault_and_ends_with_code_2(run):
    shown = run("gaps", *AT, text=ROSTER.replace("[ana, dora]}", "[ana, x]}").replace("[mon]", "[moon]"))
    assert shown.exit_code == 2
    assert [line.split(":")[1] for line in shown.stderr.splitlines()] == ["10", "14"]


def test_without_a_time_it_is_about_now(run):
    assert run("show").exit_code == 0


@pytest.mark.parametrize("at", ["soon", "2026-03-01T12:00"])
def test_a_time_that_cannot_be_read_is_a_clear_error(run, at):
    shown = run("show", "--at", at)
    assert shown.exit_code == 2
    assert at in shown.stderr
    assert "2026" in shown.stderr


@pytest.mark.parametrize("live", ["nonsense", "[1]", "[{}]", '[{"id": "x", "kind": "zzz"}]', "{}x"])
def test_live_overrides_that_cannot_be_read_are_a_clear_error(run, live):
    shown = run("show", *AT, live=live)
    assert shown.exit_code == 2
    assert "live.json" in shown.stderr


def test_live_overrides_that_are_not_there_are_a_clear_error(run, tmp_path):
    shown = run("show", *AT, "--overrides", str(tmp_path / "gone.json"))
    assert shown.exit_code == 2
    assert "gone.json cannot be read" in shown.stderr


@pytest.fixture(scope="module")
def line_env(tmp_path_factory):
    """The settings of a line whose Redis runs and whose roster is the one above."""
    folder = tmp_path_factory.mktemp("v")
    (folder / "roster.yaml").write_text(ROSTER, encoding="utf-8")
    with EmbeddedRedis(folder):
        yield demo.completed({"VAR_DIR": str(folder), "HELPLINE_DEMO": "1", "ROSTER_FILE": str(folder / "roster.yaml")})


@pytest.fixture
def ask(line_env):
    return lambda *words, **more: CliRunner().invoke(roster, words, env={**line_env, **more})


@pytest.fixture
def dora_is_out(line_env):
    store = build(Settings.read(line_env)).store
    store.transact(lambda tx: tx.put_override(out("dora")))
    yield
    store.transact(lambda tx: tx.drop_override("x"))


def test_without_a_file_it_is_the_lines_own_roster_with_what_was_changed_live(ask, dora_is_out):
    shown = ask("show", "--at", "2026-03-01T18:30Z")
    assert "now   NOBODY (a gap)" in shown.stdout
    assert "Read: roster.yaml and 1 live changes." in shown.stderr
    gaps = ask("gaps", *AT)
    assert gaps.exit_code == 1
    assert "2 h 30 min" in gaps.stdout


def test_another_file_is_asked_about_with_the_same_live_changes(ask, dora_is_out, tmp_path):
    draft = tmp_path / "draft.yaml"
    draft.write_text(ROSTER.replace("staff: [ana, dora]}", "staff: [dora]}"), encoding="utf-8")
    assert "now   NOBODY (a gap)" in ask("show", str(draft), "--at", "2026-03-01T18:30Z").stdout


def test_without_redis_it_says_that_only_the_file_was_read(ask, tmp_path):
    shown = ask("gaps", *AT, REDIS_URL=f"unix://{tmp_path}/nothing.sock")
    assert shown.exit_code == 0
    assert "ONLY roster.yaml WAS READ" in shown.stderr
    assert "every minute of the next 14 days" in shown.stdout


def test_without_settings_it_says_that_only_the_file_was_read(run, monkeypatch):
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC0")
    shown = run("show", *AT)
    assert "ONLY roster.yaml WAS READ: the settings of the line are not complete" in shown.stderr
    assert "now   Dora Lindqvist" in shown.stdout


def test_who_has_no_verified_number_is_not_on_call_and_that_is_said(ask):
    shown = ask("show", *AT, HELPLINE_DEMO="0")
    assert "Ana Flores is not paged: no number of theirs is verified yet." in shown.stderr
    assert "now   NOBODY (a gap)" in shown.stdout
