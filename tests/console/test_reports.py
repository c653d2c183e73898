"""The figures of a report equal what an independent count of cases and texts gives, and say nothing about anybody."""

import csv
import io
import random
import re
from collections import Counter
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.roster import Contact
from helpline.console.figures import LEVELS, Waits
from helpline.outbox import Job
from tests.console.desk import a_case

DANGER = ("my friend took too much and wont wake up", "i want to die", "hi")
QUESTIONS = 30


def figures(carla, days="1"):
    rows = csv.DictReader(io.StringIO(carla.get("/console/reports.csv", query_string={"days": days}).text))
    return {(row["figure"], row["name"]): row["value"] for row in rows}


def a_night(line, ana, seed):
    """Callers come, some in danger; Ana takes most cases, closes some. Gives what an observer noted down."""
    draw = random.Random(seed)
    noted = Counter()
    waits = []
    for number in range(QUESTIONS):
        line.clock.forward(minutes=draw.randint(1, 9))
        phone, words = f"+1202555{number + 100:04d}", draw.choice(DANGER)
        line.text(phone, words)
        noted["texts"] += 1
        key = line.services.store.vault.caller_key(phone)
        case = line.services.store.transact(lambda tx, key=key: tx.case_of(key))
        if case is None:
            continue
        noted[f"opened {case.urgency.word}"] += 1
        opened = line.clock.now
        line.clock.forward(seconds=draw.randint(5, 400))
        if draw.random() < 0.8:
            ana.get("/console/")
            ana.post(f"/console/cases/{case.id}/claim")
            waits.append((line.clock.now - opened).total_seconds())
            noted["claimed"] += 1
            if draw.random() < 0.5:  # given back and taken again: still one wait
                ana.post(f"/console/cases/{case.id}/pass")
                line.clock.forward(seconds=90)
                ana.post(f"/console/cases/{case.id}/claim")
                noted["claimed"] += 1
            ending = draw.choice(("handed_over", "unreachable"))
            ana.post(f"/console/cases/{case.id}/close", outcome=ending)
            noted[f"closed {ending}"] += 1
    return noted, waits


@pytest.mark.parametrize("seed", [1, 2])
def test_figures_equal_an_independent_count(ana, carla, line, seed):
    noted, waits = a_night(line, ana, seed)
    carla.sign_in("+17175550113")
    found = figures(carla)
    assert int(found["count", "contact.sms"]) == noted["texts"]
    for level in ("emergency", "urgent"):
        assert int(found.get(("count", f"opened.{level}"), 0)) == noted[f"opened {level}"]
    assert int(found["count", "claimed.console"]) == noted["claimed"]
    for ending in ("handed_over", "unreachable"):
        assert int(found.get(("count", f"closed.{ending}"), 0)) == noted[f"closed {ending}"]
    measured = sum(int(found["claim, cases", level]) for level in ("emergency", "urgent", "soon", "routine"))
    assert measured == len(waits)
    assert sum(int(found["texts by hour", f"{hour:02}"]) for hour in range(24)) == noted["texts"]


def test_a_report_shows_no_number_word_name_or_code(ana, carla, line):
    case = a_case(line, "+12025550123")
    ana.post(f"/console/cases/{case.id}/claim")
    everything = carla.get("/console/reports").text + carla.get("/console/reports.csv").text
    for secret in ("2025550123", "wont wake up", case.code, case.id, case.caller_key, "Ana Flores"):
        assert secret not in everything
    kept = str([line.redis.hgetall(name) for name in line.redis.scan_iter("counts:*")])
    assert case.id not in kept
    assert case.caller_key not in kept


def test_who_leaves_is_counted_at_the_question_where_they_left(carla, line):
    line.text("+12025550199", "hi")
    services = line.services
    key = services.store.vault.caller_key("+12025550199")
    session = services.store.transact(lambda tx: tx.session(f"sms-{key}"))
    for _ in range(4):
        line.clock.forward(days=2)
        services.ledger.check()
    carla.sign_in("+17175550113")
    assert figures(carla, "28")["count", f"left.{session.node}"] == "1"


def test_a_danger_judged_wrong_by_staff_is_counted(ana, carla, line):
    case = a_case(line, "+12025550123")
    ana.post(f"/console/cases/{case.id}/claim")
    danger = case.dangers[0]
    ana.post(f"/console/cases/{case.id}/judge", verdict="wrong", danger=danger)
    assert figures(carla)["count", f"judged_wrong.{danger}"] == "1"
    ana.post(f"/console/cases/{case.id}/judge", verdict="wrong", danger="made_up")
    assert ("count", "judged_wrong.made_up") not in figures(carla)


def test_every_plot_is_a_picture_without_script_in_both_tones(carla, line):
    a_case(line)
    for name in ("contacts", "waits", "leaving"):
        for tone in ("dark", "light"):
            picture = carla.get(f"/console/reports/{name}.svg", query_string={"tone": tone})
            assert picture.mimetype == "image/svg+xml"
            assert b"<svg" in picture.data
            assert b"<script" not in picture.data
            assert b"http://kozea" not in picture.data
    assert carla.get("/console/reports/nothing.svg").status_code == 404


def test_responders_see_no_reports(ana):
    for path in ("/console/reports", "/console/reports.csv", "/console/reports/waits.svg"):
        assert ana.get(path).status_code == 403


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60), st.integers(0, 10_000))
def test_shares_and_percentiles_are_those_of_the_waits(seconds, target):
    waits = Waits("urgent", tuple(sorted(seconds)), target)
    assert waits.in_target == round(100 * len([one for one in seconds if one <= target]) / len(seconds))
    assert sum(one <= waits.at(90) for one in seconds) >= 0.9 * len(seconds)
    assert sum(one < waits.at(90) for one in seconds) < 0.9 * len(seconds)
    if len(seconds) > 1:
        assert min(seconds) <= waits.at(50) <= max(seconds)
        assert abs(quantiles(seconds, n=2)[0] - waits.at(50)) <= max(seconds) - min(seconds)


class Observer:
    """Stands beside the pager: notes each page that is ordered, and what the carrier says of it."""

    def __init__(self, line, seed):
        self.line, self.draw = line, random.Random(seed)
        self.seen, self.noted = set(), Counter()

    def looks(self, case_id):
        """Let the line plan, and note every page it wants sent; the carrier fails some of them."""
        dispatch = self.line.services.dispatch
        for bell in dispatch.advance(case_id):
            if bell.job is not Job.SEND or bell.ids in self.seen:
                continue
            self.seen.add(bell.ids)
            page = self.line.services.store.case(case_id).page(bell.ids[1])
            self.noted[f"paged.{page.channel.value}"] += 1
            self.noted["repaged"] += page.round > 0
            if self.draw.random() < 0.4:
                sid, status = self.line.sid("SM"), "undelivered" if page.channel is Contact.SMS else "busy"
                dispatch.leased(case_id, page.id, "t")
                dispatch.page_status(case_id, page.id, sid=sid, status=status, error="")
                self.noted[f"page_failed.{page.channel.value}"] += 1
                self.looks(case_id)  # as the line does at once when the carrier says so


@pytest.mark.parametrize("seed", [3, 4])
def test_pages_failures_repeats_and_opt_outs_equal_what_an_observer_noted(carla, line, seed):
    observer = Observer(line, seed)
    cases = [a_case(line, f"+1202555{number:04d}", "i want to die") for number in range(150, 156)]
    for _ in range(25):
        line.clock.forward(seconds=20)
        for case in cases:
            observer.looks(case.id)
    for number in range(150, 153):
        line.text(f"+1202555{number:04d}", "STOP")
    carla.sign_in("+17175550113")
    found = figures(carla)
    assert observer.noted["repaged"] > 0
    assert observer.noted["page_failed.sms"] > 0
    for name, many in observer.noted.items():
        assert int(found["count", name]) == many, name
    assert int(found["count", "opted_out.near_danger"]) == 3
    page = re.sub(r"\s+", " ", carla.get("/console/reports", query_string={"days": "1"}).text)
    failed = observer.noted["page_failed.sms"] + observer.noted["page_failed.call"]
    assert f'<p>Pages that failed</p><p class="big">{failed}</p>' in page
    assert f"{observer.noted['repaged']} in a later round" in page
    assert '<p>Opt-outs near danger</p><p class="big">3</p>' in page


@pytest.mark.parametrize("seed", [5])
def test_waits_of_the_report_are_those_an_observer_timed(ana, carla, line, seed):
    _, waits = a_night(line, ana, seed)
    carla.sign_in("+17175550113")
    found = figures(carla)
    rows = [(int(found["claim, cases", level]), found["claim, p90 seconds", level]) for level in LEVELS]
    assert sum(many for many, _ in rows) == len(waits)
    assert max(int(p90) for many, p90 in rows if many) <= max(waits)
    everything = [
        int(value.decode().partition("|")[2])
        for name in line.redis.scan_iter("counts:*")
        for field, value in line.redis.hgetall(name).items()
        if field.startswith(b"to_claim|")
    ]
    assert sorted(everything) == sorted(int(one) for one in waits)
