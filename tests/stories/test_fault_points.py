"""The fault points on real processes, with each kind of fault, and two processes of each kind.

A few of them for every change, all in `make soak`; many times over, in one process on a moved clock:
tests/paging/test_trials.py and docs/reliability.md.
"""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from flows.case import LineKind, Outcome
from helpline.running.fault_points import Kind, Point
from tests.stories.people import ANA, BEN, HELPLINE, NUMBERS, ROOT, record, running_line, until
from tests.stories.test_main_story import code_in

pytestmark = pytest.mark.story

ALWAYS = {
    (Point.DEQUEUED, Kind.KILL),
    (Point.ACCEPTED, Kind.KILL),
    (Point.VERDICT, Kind.RAISE),
    (Point.ANSWER_LOST, Kind.LOSE),
    (Point.LEASED, Kind.STALL),
}
FAULTS = [
    pytest.param(point, kind, id=f"{point} {kind}", marks=[] if (point, kind) in ALWAYS else [pytest.mark.soak])
    for kind in Kind
    for point in Point
]


@pytest.fixture(scope="module")
def fragile(short_policy, tmp_path_factory):
    """A line of a test build, whose processes die where a file asks them to."""
    with running_line(tmp_path_factory.mktemp("f"), short_policy, {"HELPLINE_TEST_BUILD": "1"}) as running:
        yield running


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("point", "kind"), FAULTS)
def test_a_process_that_fails_at_a_fault_point_costs_seconds_and_no_page(fragile, point, kind):
    var = Path(fragile.env["VAR_DIR"])
    caller, ana = fragile.phone(next(NUMBERS)), fragile.phone(ANA)
    (var / f"fault-{point}.wanted").write_text(kind)
    body = "she took all her pills and wont wake up"
    requests.post(f"{caller.api}/phones/{caller.number}/texts", json={"to": HELPLINE, "body": body}, timeout=60)
    began = time.monotonic()
    until(f"{point} has struck", (var / f"fault-{point}").exists, 60)
    code = code_in(ana.gets("Reply 1", 120))
    sys.stdout.write(f"\n{point} {kind}: the page was there after {time.monotonic() - began:.1f} s\n")
    assert "911" in caller.gets("911", 120)
    takes(ana, code)
    ana.sends(f"DONE {code} 3")
    case, history = until("the case closed", lambda: (found := record(fragile, code))[0].closed and found, 120)
    assert case.outcome is Outcome.TRANSFERRED_911_988
    assert history.count(LineKind.CLAIMED.value) == 1
    same = [body for body in ana.received if code in body and "Reply 1" in body]
    assert 1 <= len(same) <= pages_by_text(fragile, case, "ana") + 1  # one attempt may be requested twice for one crash


def takes(phone, code):
    """Claim the case and wait to be told so, as people do: who hears nothing for a while writes again.

    Further pages may come meanwhile, which are no answer.
    """
    for patience in (40, 60, 60):
        phone.sends(f"1 {code}")
        with contextlib.suppress(AssertionError):
            return phone.gets(f"case {code} is yours", patience)
    raise AssertionError(f"never told that {code} is theirs; got {phone.received}")


def pages_by_text(line, case, who):
    """How many attempts by text there were to tell this person of the case."""
    lines = line.store.timeline(case.id)
    return sum(one.what is LineKind.PAGED and (one.who, one.detail["channel"]) == (who, "sms") for one in lines)


@pytest.fixture
def twice(fragile):
    """A second clock and second workers on the same line."""
    command = [sys.executable, "-m"]
    log = (Path(fragile.env["VAR_DIR"]) / "second.log").open("wb")
    second = [
        subprocess.Popen([*command, *what], cwd=ROOT, env=fragile.env, stdout=log, stderr=subprocess.STDOUT)
        for what in (["workers", "urgent"], ["workers", "default"], ["workers.clock"])
    ]
    yield second
    for process in second:
        process.terminate()
    for process in second:
        process.wait(30)
    log.close()


@pytest.mark.timeout(300)
def test_two_processes_of_each_kind_page_once_and_give_the_case_to_one(fragile, twice):
    caller, ana, ben = (fragile.phone(number) for number in (next(NUMBERS), ANA, BEN))
    caller.texts("i took all my pills")
    code = code_in(ana.gets("Reply 1", 20))
    ana.rings(100)  # the report that her phone is still may have been lost in the test before
    ben.gets(code, 20)
    assert [process.poll() for process in twice] == [None, None, None]
    takes(ana, code)
    assert "ana" in " ".join(ben.texts(f"1 {code}")).lower()
    ana.texts(f"DONE {code} 3")
    case, history = record(fragile, code)
    assert history.count(LineKind.OPENED.value) == 1
    assert history.count(LineKind.CLAIMED.value) == 1
    assert history.count(LineKind.CLOSED.value) == 1
    same = [body for body in ana.received if code in body and "Reply 1" in body]
    assert 1 <= len(same) <= pages_by_text(fragile, case, "ana")
