"""Malformed requests, thousands of them: no failure, no trace, no time and no memory that grows."""

import resource
import time
from urllib.parse import quote

import click
import pytest
from structlog.testing import capture_logs

from tests.console.desk import a_case
from tests.helpline.inside import one_line  # noqa: F401  a fixture
from tests.helpline.malformed import Malformed

LONGEST_S = 5.0  # of computing; a turn takes milliseconds, drawing all flows for the first time about one second
MOST_MEMORY_KB = 150_000


def memory_kb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def storm(line, seed, count):
    """Send so many; give what went wrong, and what it cost."""
    wrong, slowest, began = [], 0.0, time.monotonic()
    before = memory_kb()
    with capture_logs() as logged:
        at = time.process_time()
        for number, answer in enumerate(Malformed(line, seed).requests(count)):
            slowest = max(slowest, time.process_time() - at)
            if answer.status_code >= 500 and answer.request.path != "/readyz":
                wrong.append((number, answer.request.method, answer.request.path[:80], answer.status_code))
            if b"Traceback" in answer.data or b'File "' in answer.data:
                wrong.append((number, "a trace", answer.request.path[:80]))
            if number % 500 == 0:
                line.clock.forward(minutes=1)
                logged_faults(logged, wrong)
            at = time.process_time()
        logged_faults(logged, wrong)
    return wrong, {
        "requests": count,
        "a second": round(count / (time.monotonic() - began)),
        "slowest_cpu_s": round(slowest, 3),
        "memory_kb": memory_kb() - before,
    }


def logged_faults(logged, wrong):
    """A fault that a person was kindly answered for is still a fault of ours."""
    wrong += [tuple(entry.items()) for entry in logged if entry["event"] == "request_failed"]
    logged.clear()


@pytest.mark.parametrize("seed", [1, 2])
def test_no_malformed_request_fails_traces_or_takes_long(line, seed):
    """Signed ones get far: about half of what is posted to Twilio's addresses is answered as if it were Twilio's."""
    wrong, cost = storm(line, seed, 600)
    assert wrong[:5] == []
    assert cost["slowest_cpu_s"] < LONGEST_S


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_fifty_thousand_malformed_requests(line, capsys):
    storm(line, 0, 1_000)  # what is loaded once is loaded now
    wrong, cost = storm(line, 3, 50_000)
    with capsys.disabled():
        click.echo(f"\nmalformed requests: {cost}")
    assert wrong[:5] == []
    assert cost["slowest_cpu_s"] < LONGEST_S
    assert cost["memory_kb"] < MOST_MEMORY_KB


@pytest.mark.parametrize("digits", ["9" * 5000, "²", "-1", "1e9", "", "٣"])
def test_digits_no_telephone_has_are_answered_as_none(line, digits):
    """Found by the storm: Python reads no number of more than 4,300 digits, and some digits are no numbers."""
    case = a_case(line)
    for path in (f"/twilio/staff/outcome?c={case.id}", f"/twilio/voice/hold?c={case.id}&n=9"):
        answer = line.post(path, {"CallSid": line.sid("CA"), "From": "+12025550123", "Digits": digits})
        assert answer.status_code == 200
    offer = line.post(f"/twilio/staff/offer?p={case.id}.x&n={quote(digits)}", {"CallSid": line.sid("CA")})
    assert offer.status_code == 200
