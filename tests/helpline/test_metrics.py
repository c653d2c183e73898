"""What Prometheus is told: true, of the whole line, about nobody; and every name in dashboard, alerts and docs exists."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from helpline.store.metrics import TURN_S, observed
from tests.helpline.whole_line import ANA, SOMEBODY

PROJECT = Path(__file__).parents[2]
NAME = re.compile(r"\bhelpline_[a-z_]+\b")


def scraped(line):
    answer = line.web.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
        for sample in family.samples
    }


def value(told, name, **labels):
    return sum(v for key, v in told.items() if key[0] == name and set(labels.items()) <= set(key[1:]))


def busy(line):
    """A caller in danger is paged for, and somebody was missed."""
    line.text("he is not breathing")
    line.tick(seconds=1)
    line.arrives("hi", "+12025550143")
    line.clock.on(minutes=1)
    line.services.reconciler.run()
    line.tick(seconds=1)


def test_turns_cases_pages_and_missed_people_are_counted(line):
    busy(line)
    told = scraped(line)
    assert value(told, "helpline_turn_seconds_count", channel="sms") == 1
    assert value(told, "helpline_case_events_total", event="opened", urgency="emergency") == 1
    assert value(told, "helpline_pages_total", state="accepted") >= 2
    assert value(told, "helpline_page_seconds_count") >= 2
    assert value(told, "helpline_missed_total", what="text") == 1
    assert value(told, "helpline_cases_open", urgency="emergency") == 1
    assert value(told, "helpline_contacts_open", owner="staff") == 1
    assert value(told, "helpline_danger_waiting_seconds") >= 60
    assert value(told, "helpline_redis_up") == 1


def test_only_answers_to_people_count_as_turns(line):
    line.web.post("/twilio/sms", data={"From": "+12025550143", "Body": "hi"})  # not signed: refused
    line.web.post("/twilio/voice/nowhere", data={})
    told = scraped(line)
    assert value(told, "helpline_turn_seconds_count") == 0


def test_nothing_in_it_is_about_a_person(line):
    busy(line)
    text = line.web.get("/metrics").get_data(as_text=True)
    (case,) = line.services.store.open_cases()
    for private in (SOMEBODY, ANA, case.caller_key, case.id, case.code, "breathing", "ana"):
        assert private not in text


def test_a_redis_that_takes_no_writes_is_told_from_one_that_is_down(line):
    assert value(scraped(line), "helpline_redis_writes") == 1
    line.redis.config_set("maxmemory", "1")
    try:
        told = scraped(line)
    finally:
        line.redis.config_set("maxmemory", "0")
    assert (value(told, "helpline_redis_up"), value(told, "helpline_redis_writes")) == (1, 0)


def test_without_redis_the_metrics_say_so_and_nothing_else(line, monkeypatch):
    from helpline.store import Unavailable

    def gone(_self):
        raise Unavailable("Redis: ConnectionError")

    monkeypatch.setattr(type(line.services.store), "metrics", gone)
    assert scraped(line) == {("helpline_redis_up",): 0.0}


@pytest.mark.parametrize(
    ("took", "bucket"), [(0.004, "0.01"), (0.05, "0.05"), (0.06, "0.1"), (99, "+Inf"), (-1, "0.01")]
)
def test_an_observation_falls_into_one_bucket(took, bucket):
    fields = dict(observed("turn_seconds|sms", timedelta(seconds=took), TURN_S))
    assert list(fields) == [f"turn_seconds|sms|{bucket}", "turn_seconds|sms|sum"]


def named_in(file):
    return set(NAME.findall((PROJECT / file).read_text()))


def names(line):
    busy(line)
    line.services.store.transact(lambda tx: tx.raise_metric("carrier_errors|30007"))
    line.services.reconciler.run()
    return {key[0] for key in scraped(line)}


@pytest.mark.parametrize(
    "file", ["deploy/prometheus/alerts.yml", "deploy/grafana/helpline.json", "docs/observability.md"]
)
def test_every_metric_named_there_exists(line, file):
    known = names(line)
    families = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in known}
    assert named_in(file) - known - families == set()


def test_every_metric_is_explained(line):
    families = {re.sub(r"_(total|bucket|sum|count|created)$", "", name) for name in names(line)}
    explained = {re.sub(r"_total$", "", name) for name in named_in("docs/observability.md")}
    assert families - explained == set()


def test_every_alert_says_what_to_do_and_where_it_stands():
    rules = YAML(typ="safe").load(PROJECT / "deploy/prometheus/alerts.yml")["groups"][0]["rules"]
    runbook = (PROJECT / "RUNBOOK.md").read_text()
    places = {
        re.sub(r"[^a-z0-9 -]", "", head.lower()).strip().replace(" ", "-")
        for head in re.findall(r"^##+ (.*)$", runbook, re.MULTILINE)
    }
    assert len(rules) >= 10
    for rule in rules:
        file, _, place = rule["annotations"]["runbook"].partition("#")
        assert file == "RUNBOOK.md"
        assert place in places, rule["alert"]


def test_the_dashboard_is_one():
    board = json.loads((PROJECT / "deploy/grafana/helpline.json").read_text())
    assert len({panel["title"] for panel in board["panels"]}) == len(board["panels"]) >= 12
    assert all(target["expr"] for panel in board["panels"] for target in panel["targets"])
