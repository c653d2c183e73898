"""The forecast in the console: from what the line recorded, beside whom the roster has on call."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.console.figures import hours
from helpline.console.recorded import ENOUGH, recorded, rounded
from tests.console.desk import a_case, audit

ZONE = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)  # midnight there
CALLER = "+12025550123"


@given(st.lists(st.tuples(st.integers(0, 24 * 21 - 1), st.sampled_from(["emergency", "soon"])), max_size=60))
def test_recorded_arrivals_are_those_an_independent_count_finds(opened):
    names = hours(MONDAY, MONDAY + timedelta(hours=24 * 21 - 1))
    rows = {name: {} for name in names}
    seen = Counter()
    for hour, level in opened:
        row = rows[names[hour]]
        row[f"opened.{level}"] = str(int(row.get(f"opened.{level}", 0)) + 1)
        seen[(hour // 24 % 7, hour % 24)] += 1
    found = recorded(rows.items(), ZONE)
    assert found.cases == len(opened)
    since = min((hour for hour, _ in opened), default=24 * 21)
    for (day, hour), many in seen.items():
        weeks = sum(1 for at in range(since, 24 * 21) if (at // 24 % 7, at % 24) == (day, hour))
        assert found.arrivals[day, hour] == rounded(many / weeks)


def test_hours_before_anything_was_recorded_are_not_taken_for_quiet_ones():
    names = hours(MONDAY, MONDAY + timedelta(days=28))
    rows = [(name, {}) for name in names[:-24]] + [(name, {"opened.soon": "2"}) for name in names[-24:]]
    found = recorded(rows, ZONE)
    assert (found.hours, found.cases) == (24, 48)
    assert set(found.arrivals.values()) == {2.0}


def test_handling_is_the_mean_once_there_is_enough_of_it():
    row = {f"handled|{number}": f"urgent|{600 + number}" for number in range(ENOUGH)}
    assert recorded([("2026-11-23T05", row)], ZONE).handling == 600 + (ENOUGH - 1) / 2
    row.popitem()
    assert recorded([("2026-11-23T05", row)], ZONE).handling is None


def test_how_long_a_case_was_had_is_recorded_when_it_is_closed(line, ana):
    case = a_case(line, CALLER)
    ana.post(f"/console/cases/{case.id}/claim")
    line.clock.forward(minutes=12)
    ana.post(f"/console/cases/{case.id}/close", outcome="handed_over")
    counted = [row for name in line.redis.scan_iter("counts:*") for row in line.redis.hgetall(name).items()]
    (took,) = [value for name, value in counted if name.startswith(b"handled|")]
    assert took == b"emergency|720"


def test_a_week_of_many_cases_is_short_of_people_and_says_in_which_hours(line, carla):
    for _ in range(12):
        line.services.store.transact(lambda tx: tx.count(line.clock.now, *["opened.urgent"] * 30))
        line.clock.forward(hours=1)
    carla.sign_in("+17175550113")
    page = carla.get("/console/forecast").text
    found = re.search(r"(\d+) hours with too few people", page)
    assert int(found.group(1)) == 12
    assert "360 cases in 13 recorded hours" in page
    assert "viewed_forecast" in [row["what"] for row in audit(line)]


def test_without_records_it_says_so_and_asks_for_one_person_at_every_hour(line, carla):
    page = carla.get("/console/forecast").text
    assert "No case was recorded" in page
    needed = re.findall(r"</th><td class=\"n\">(\d+)", page)
    assert len(needed) >= 168
    assert set(needed) == {"1"}


def test_more_time_for_a_case_needs_more_people(line, carla):
    line.services.store.transact(lambda tx: tx.count(line.clock.now, *["opened.urgent"] * 12))

    def most(**query):
        page = carla.get("/console/forecast", query_string=query).text
        return max(int(one) for one in re.findall(r"</th><td class=\"n\">(\d+)", page))

    assert most(handling="60") > most(handling="10")
    assert most(share="99") >= most(share="50")


@pytest.mark.parametrize("typed", ["", "x", "-1", "nan", "inf", "9" * 400, "0"])
def test_what_cannot_be_reckoned_with_is_left_out(line, carla, typed):
    page = carla.get("/console/forecast", query_string={"handling": typed, "share": typed, "weeks": typed})
    assert page.status_code == 200
    assert 'name="handling" type="number" min="1" max="240" step="any" value="25"' in page.text


def test_the_plot_is_a_picture_without_script_in_both_tones(line, carla):
    for tone in ("dark", "light"):
        picture = carla.get("/console/forecast.svg", query_string={"tone": tone})
        assert picture.mimetype == "image/svg+xml"
        assert b"on call" in picture.data
        assert b"<script" not in picture.data
    assert carla.get("/console/forecast.svg", query_string={"tone": "loud"}).status_code == 404


def test_responders_see_no_forecast_and_supervisors_find_it_from_the_roster(line, ana, carla):
    assert ana.get("/console/forecast").status_code == 403
    assert "/console/forecast" not in ana.get("/console/roster").text
    assert "/console/forecast" in carla.get("/console/roster").text
