"""The sections of docs/performance.md about peers, several machines, jobs, capacity and the soak."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.simulated_line import play
from helpline.staffing.capacity import Costs, Habits, jobs_of_case, need, read_costs, told, work_of_job

A_MONTH_HOURS, SURGE = 730, 20
VOLUMES = (10_000, 100_000, 1_000_000, 10_000_000)  # contacts a month, up to a national line's
PLAYED = 60_000


def peers(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## What people would pick instead\n"
    yield "Side by side in one run, the runs in turn. The menus check no signature and remember nothing; none of them"
    yield "hears danger, keeps a promise or has staff.\n"
    yield "| menu | answers/s | p99 ms |"
    yield "| --- | --- | --- |"
    for row in found["menus"]:
        yield f"| {row['name']} | {spread(row['per_second'])} | {row['p99_ms']:,.1f} |"
    alert = found["alert"]
    yield f"\n{alert['name']}, from enqueueing until it runs: p50 {alert['p50']:.1f} ms, p99 {alert['p99']:.1f} ms."
    yield "What becomes of it when a process dies is in the section on killed processes."
    if found["left_out"]:
        yield f"\n{found['left_out']}."


def scale(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Two machines, and the loss of one\n"
    if "left_out" in found:
        yield f"Not tried here: {found['left_out']}."
        return
    yield "Two machines with a web server, two workers and a clock each, a Redis primary and its replica on two more,"
    yield "three Sentinels (2 s of silence until one holds a server for dead): network namespaces on one switch. A"
    yield "machine is lost by pulling its cable before its processes are killed, so nothing tells anybody."
    limit = "Each machine of the line has half a core." if found["limited"] else "The machines share the cores."
    yield f"{limit}\n"
    rates = found["rates"]
    yield "| turns a second, mid-triage | one machine | two | ratio |"
    yield "| --- | --- | --- | --- |"
    ratio = statistics.median(rates["ratio"])
    yield f"| by text | {spread3(rates['one'])} | {spread3(rates['two'])} | **{ratio:.2f}** |\n"
    yield "Seconds after the loss, median and longest; people text ten times a second meanwhile.\n"
    yield "| lost | until all are answered in full | a page due meanwhile, late by | danger texted meanwhile, paged | "
    yield "all workers back | acknowledged | of these lost |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for loss in found["losses"]:
        times = " | ".join(middle_and_last(loss[name]) for name in ("answered", "due_page", "new_page", "workers"))
        tries = len(loss["answered"])
        yield f"| {loss['what']} ({tries} tries) | {times} | {loss['acknowledged']:,} | {loss['lost']} |"
    yield "\nUntil then a text gets the safe answer: 911, 988 and a human's number, and is answered later."
    yield "Acknowledged writes are lost when the Sentinels depose a primary that is only slow and goes on for a while."


def jobs(found: Mapping[str, float]) -> Iterator[str]:
    yield "## What a job costs\n"
    ms = {name: f"{found[name] * 1e3:.1f} ms" for name in ("job_s", "queue_s", "carrier_s")}
    yield f"By RQ's own counts over {found['cases']:.0f} cases, each paged, claimed at once, joined and closed:"
    yield f"{found['jobs']:.1f} jobs and {found['requests']:.1f} requests to the carrier a case; {ms['job_s']} of a"
    yield f"worker for the work of one job, and {ms['queue_s']} to fetch it and to tidy up, by {found['empty']:,}"
    yield "that had nothing to do."
    yield f"The stand-in for the carrier answers in {ms['carrier_s']}, which is part of the job;"
    yield "what a real one takes longer comes on top (`helpline capacity --request-s`)."


def soak(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## A long time with faults on\n"
    yield f"`make soak`: {found['minutes']:.0f} minutes of mixed callers and a staff member, {found['turns']:,} texts"
    yield "and calls; the carrier answers 429 and 503, cuts requests off, drops and repeats callbacks and webhooks.\n"
    yield "| process | memory MB, early | at the end | slope MB/h | open files, early | at the end |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, row in found["processes"].items():
        sizes = f"{row['mb'][0]:.1f} | {row['mb'][1]:.1f} | {row['mb_per_hour']:+.1f}"
        yield f"| {name} | {sizes} | {row['files'][0]:.0f} | {row['files'][1]:.0f} |"
    keys = found["keys"]
    yield f"\nKeys in Redis: {keys['early']:,} early, {keys['end']:,} at the end, waiting doorbells too. Once every"
    yield f"case is closed {keys['without_end']} keys have no end of their own, the line's own records."


def capacity() -> Iterator[str]:
    """A line of each volume on paper and played: the processes that `helpline capacity` names, with chance arrivals."""
    measured, habits = read_costs(), Habits()
    yield f"## Capacity: up to a national line of 10 million contacts a month, in a surge of {SURGE} times\n"
    yield f"What `helpline capacity --contacts-per-hour N --surge {SURGE}` names, and the same played with arrivals by"
    yield "chance (`bench/simulated_line.py`): without the spare process of each kind; the wait is until work begins."
    jobs, ms = jobs_of_case(measured, habits), f"{measured.turn_s * 1e3:.2f} ms of a process for a turn"
    yield f"Costs of {measured.measured_on}: {ms}, {measured.job_s * 1e3:.1f} ms for a job,"
    yield f"{jobs:.0f} jobs for a case ({habits.effort:g} times what one takes that is claimed at once), and"
    yield f"{habits.request_s * 1e3:.0f} ms for the carrier to answer.\n"
    yield "| contacts a month | turns/s | web | busy | wait p99 ms | workers | busy | wait p99 ms | Redis GB |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for volume in VOLUMES:
        yield _played(volume, measured, habits)
    found = need(VOLUMES[-1] / A_MONTH_HOURS, SURGE, measured, habits)
    yield f"\nWith half the web processes ({max(1, (found.web - 1) // 2)}) the last line waits"
    half = play(found.turns_per_s, measured.turn_s, max(1, (found.web - 1) // 2), requests=PLAYED, seed=1)
    yield f"{half.p99_wait * 1e3:,.0f} ms (p99). In full:\n"
    yield "```"
    yield from told(found)
    yield "```"


def _played(volume: int, measured: Costs, habits: Habits) -> str:
    found = need(volume / A_MONTH_HOURS, SURGE, measured, habits)
    web = play(found.turns_per_s, measured.turn_s, found.web - 1, requests=PLAYED, seed=1)
    cases_per_s = found.turns_per_s / habits.turns * habits.cases
    jobs_per_s, job_s = cases_per_s * jobs_of_case(measured, habits), work_of_job(measured, habits)
    workers = play(jobs_per_s, job_s, found.workers - 1, requests=PLAYED, seed=1)
    return (
        f"| {volume:,} | {found.turns_per_s:,.1f} | {found.web} | {web.busy:.0%} | {web.p99_wait * 1e3:,.1f} | "
        f"{found.workers} | {workers.busy:.0%} | {workers.p99_wait * 1e3:,.1f} | {found.redis_bytes / 1e9:,.2f} |"
    )


def spread(values: Sequence[float]) -> str:
    low, middle, high = values
    return f"{middle:,.1f} ({low:,.1f} to {high:,.1f})"


def spread3(values: Sequence[float]) -> str:
    """Median, smallest and largest of any number of values."""
    return spread((min(values), statistics.median(values), max(values)))


def middle_and_last(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.1f}, {max(seconds):.1f}"
