"""I15 on real processes: 200 people in danger in one minute, and how long each waited for the first page."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis

from flows.case_words import LineKind
from helpline.outbox import Outbox
from helpline.privacy.vault import Vault
from helpline.store import RedisStore, Retention, keys
from tests.stories.people import ROOT, running_line, until
from tests.stories.test_faults import a_text, post

pytestmark = [pytest.mark.story, pytest.mark.soak, pytest.mark.timeout(600)]

PEOPLE, OVER_S = 200, 60


@pytest.fixture
def stormy(tmp_path_factory):
    """A line with the policy as shipped: the short one of the other stories would page twenty times as often."""
    with running_line(tmp_path_factory.mktemp("s"), ROOT / "flows" / "content") as running:
        yield running


def store_of(line):
    kept = json.loads((Path(line.env["VAR_DIR"]) / "demo-keys").read_text())
    redis = Redis.from_url(f"unix://{Path(line.env['VAR_DIR']).absolute() / 'redis.sock'}")
    vault = Vault([kept["HELPLINE_SECRET_KEYS"]], kept["HELPLINE_LOOKUP_KEY"])
    return redis, RedisStore(redis, vault, Outbox(redis), Retention()), kept["TWILIO_AUTH_TOKEN"]


def first_page_s(store, case_id):
    lines = store.timeline(case_id)
    opened = next(line.at for line in lines if line.what is LineKind.OPENED)
    taken = [line.at for line in lines if line.what is LineKind.PAGE_STATE and line.detail["state"] == "accepted"]
    return (taken[0] - opened).total_seconds() if taken else None


def test_the_first_page_of_each_of_200_in_a_minute_is_with_the_carrier_within_10_s_p99(stormy):
    redis, store, token = store_of(stormy)
    began = time.monotonic()

    def somebody(number):
        time.sleep(max(0.0, began + number * OVER_S / PEOPLE - time.monotonic()))  # the pace of the storm itself
        text = a_text(f"+1202556{number:04d}", "i took all my pills", f"SM{number:032x}")
        return post(stormy, token, "/twilio/sms", text).status_code

    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(somebody, range(PEOPLE)))
    assert answers == [200] * PEOPLE
    ids = [raw.decode() for raw in redis.zrange(keys.OPEN, 0, -1)]
    assert len(ids) == PEOPLE
    until("every case paged", lambda: all(first_page_s(store, case_id) is not None for case_id in ids), 120)
    waits = sorted(first_page_s(store, case_id) for case_id in ids)
    p99 = waits[int(len(waits) * 0.99) - 1]
    sys.stdout.write(
        f"\n{PEOPLE} cases: median {waits[len(waits) // 2]:.1f} s, p99 {p99:.1f} s, last {waits[-1]:.1f} s\n"
    )
    redis.close()
    assert p99 <= 10
