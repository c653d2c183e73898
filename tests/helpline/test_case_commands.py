from datetime import timedelta

import pytest
from click.testing import CliRunner

from config import demo
from config.settings import Settings
from flows import handling
from flows.case import Outcome
from flows.urgency import Urgency
from helpline.__main__ import main
from helpline.commands.cases import history, rows
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.wiring import build
from tests.flows.escalation.line import at, new_case

NOW = at(3_700)


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    folder = tmp_path_factory.mktemp("v")
    with EmbeddedRedis(folder):
        yield demo.completed({"VAR_DIR": str(folder), "HELPLINE_DEMO": "1"})


@pytest.fixture
def helpline(env):
    return lambda *words: CliRunner().invoke(main, ["cases", *words], env=env)


@pytest.fixture
def line(env):
    return build(Settings.read(env))


def opened(line, code, **more):
    case = new_case(id=f"case{code}", code=code, caller_key=f"key{code}", **more)
    case, lines = handling.note(case, "caller", "the words of the caller", at(1))
    line.store.transact(lambda tx: tx.put_case(case, lines, NOW))
    return case


def test_nothing_open_is_said():
    assert list(rows((), NOW)) == ["No case is open."]


def test_the_most_serious_and_longest_waiting_stand_first():
    soon, urgent = new_case(code="1A2B", urgency=Urgency.SOON), new_case(code="3C4D", urgency=Urgency.URGENT)
    _, first, second = rows((soon, urgent), NOW)
    assert first.startswith("3C4D  urgent")
    assert second.startswith("1A2B  soon")
    assert "1 h 01" in first


def test_a_history_tells_what_happened_and_nobodys_words():
    case = new_case()
    case, lines = handling.note(case, "caller", "the words of the caller", NOW - timedelta(minutes=1))
    told = "\n".join(history(case, lines, NOW))
    assert "note" in told
    assert "caller" in told
    assert "words of" not in told


def test_open_cases_are_listed_and_shown(helpline, line):
    opened(line, "5E6F")
    assert "5E6F" in helpline().output
    shown = helpline("show", "5e6f")
    assert shown.exit_code == 0
    assert "note" in shown.output
    assert "the words" not in shown.output


def test_a_case_is_closed_by_a_staff_members_word(helpline, line):
    case = opened(line, "7G8H")
    closed = helpline("close", "7G8H", "reached_elsewhere", "--as", "ana")
    assert closed.output == "Case 7G8H is closed: reached_elsewhere.\n"
    kept = line.store.case(case.id)
    assert (kept.outcome, kept.closed_by) == (Outcome.REACHED_ELSEWHERE, "ana")
    again = helpline("close", "7G8H", "reached_elsewhere", "--as", "ana")
    assert again.exit_code == 1
    assert "it is closed already" in again.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "0Z0Z"), "No case has the code '0Z0Z'"),
        (("close", "0Z0Z", "handed_over", "--as", "nobody"), "The roster knows nobody with the id 'nobody'"),
        (("close", "0Z0Z", "forgotten", "--as", "ana"), "'forgotten' is not one of"),
        (("close", "0Z0Z", "withdrawn_by_caller", "--as", "ana"), "is not one of"),
        (("close", "0Z0Z", "handed_over"), "--as"),
    ],
)
def test_a_wrong_word_is_answered_with_how_to_mend_it(helpline, words, said):
    result = helpline(*words)
    assert result.exit_code != 0
    assert said in result.output


def test_a_line_whose_redis_is_gone_is_said_in_one_sentence(tmp_path):
    result = CliRunner().invoke(main, ["cases"], env=demo.completed({"VAR_DIR": str(tmp_path), "HELPLINE_DEMO": "1"}))
    assert result.exit_code == 1
    assert "Is the line running" in result.output
