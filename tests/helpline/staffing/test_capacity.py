import json

import pytest
from click.testing import CliRunner

from bench.simulated_line import play
from helpline.__main__ import main
from helpline.staffing.capacity import BUSY, Costs, Habits, jobs_of_case, need, processes, read_costs, work_of_job

COSTS = Costs(
    turn_s=0.001, job_s=0.003, case_jobs=14, case_requests=5, conversation_bytes=2_500, case_bytes=6_000,
    turn_wire_bytes=4_000, measured_on="paper",
)  # fmt: skip
NATIONAL, SURGE = 10_000_000 / 730, 20


def test_a_small_line_needs_one_process_of_each_and_one_spare():
    small = need(5, 3, COSTS, Habits())
    assert (small.web, small.workers) == (2, 2)
    assert small.limits_met == ()
    assert small.redis_bytes < 50e6


def test_a_national_line_in_a_surge_meets_the_limits_of_its_numbers_first():
    national = need(NATIONAL, SURGE, COSTS, Habits())
    assert national.turns_per_s == pytest.approx(NATIONAL * SURGE * 7 / 3_600)
    assert "calls started a second" in national.limits_met[0] or "long code" in national.limits_met[0]
    assert len(national.limits_met) == 4


@pytest.mark.parametrize("per_hour", [100, 2_000, NATIONAL])
def test_with_the_processes_it_names_a_simulated_line_keeps_up_in_the_worst_hour(per_hour):
    found = need(per_hour, SURGE, COSTS, Habits())
    web = play(found.turns_per_s, COSTS.turn_s, found.web - 1, requests=50_000, seed=1)
    habits = Habits()
    jobs = found.turns_per_s / habits.turns * habits.cases * jobs_of_case(COSTS, habits)
    takes = work_of_job(COSTS, habits)
    workers = play(jobs, takes, found.workers - 1, requests=50_000, seed=1)
    assert web.busy <= BUSY * 1.1
    assert web.p99_wait < 20 * COSTS.turn_s
    assert workers.p99_wait < 20 * takes


def test_a_carrier_that_answers_slowly_needs_more_workers_and_no_more_web_processes():
    quick, slow = (need(2_000, SURGE, COSTS, Habits(request_s=seconds)) for seconds in (0.1, 0.4))
    assert slow.workers > quick.workers
    assert slow.web == quick.web


def test_a_case_that_takes_more_effort_needs_more_workers():
    easy, hard = (need(2_000, SURGE, COSTS, Habits(effort=effort)) for effort in (1.0, 3.0))
    assert hard.workers > easy.workers


def test_with_too_few_processes_a_simulated_line_falls_behind():
    assert play(1_100, 0.001, 1, requests=50_000, seed=1).p99_wait > 1


def test_work_is_spread_over_processes_that_are_not_too_busy():
    assert processes(0) == 1
    assert processes(0.6) == 2
    assert processes(1.3) == 4


def test_the_command_tells_what_is_needed(tmp_path):
    file = tmp_path / "costs.json"
    file.write_text(json.dumps({name: getattr(COSTS, name) for name in Costs.__slots__}))
    result = CliRunner().invoke(
        main, ["capacity", "--contacts-per-hour", "13699", "--surge", "20", "--costs", str(file)]
    )
    assert result.exit_code == 0
    assert "over Twilio's limit" in result.output
    assert "web processes" in result.output
    assert "paper" in result.output


@pytest.mark.parametrize("text", ["", "[]", '{"turn_s": 1}', "null"])
def test_costs_that_cannot_be_used_are_said_with_the_mend(tmp_path, text):
    file = tmp_path / "costs.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"costs.json cannot be used .* `make bench`"):
        read_costs(file)


@pytest.mark.parametrize("words", [[], ["--contacts-per-hour", "-3"], ["--contacts-per-hour", "5", "--surge", "0.5"]])
def test_wrong_words_are_said(words):
    result = CliRunner().invoke(main, ["capacity", *words])
    assert result.exit_code == 2
    assert "Error" in result.output
