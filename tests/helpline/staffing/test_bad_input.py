"""`helpline forecast` and `helpline capacity` with whatever is typed at them: an answer, or what is wrong in words."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpline.__main__ import main
from helpline.staffing.capacity import COSTS
from helpline.staffing.commands import capacity, forecast
from helpline.staffing.erlang import Queue, Unreachable, staff_needed
from tests.helpline.staffing.test_forecast import ROSTER, a_file

WRONG = ["", "many", "nan", "-nan", "inf", "-inf", "-1", "1e400", "1e300", "0x10", "1,5", "٣ and more"]
NUMBERS = {
    "forecast": [one.opts[0] for one in forecast.params if one.name in {"handling", "patience", "within", "share"}],
    "capacity": [one.opts[0] for one in capacity.params if one.name != "costs"],
}


def asked(*words):
    """What the command says; whatever it is, it is no traceback."""
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result


def refused(*words):
    """What it says of input that it cannot use."""
    result = asked(*words)
    assert result.exit_code in {1, 2}
    assert "Error: " in result.output
    assert "hour  " not in result.output
    return result.output


@pytest.fixture(scope="module")
def arrivals(tmp_path_factory):
    return str(a_file(tmp_path_factory.mktemp("a"), "4,22,4"))


def test_every_number_that_can_be_given_is_tried():
    assert NUMBERS["forecast"] == ["--handling", "--patience", "--within", "--share"]
    assert NUMBERS["capacity"] == ["--contacts-per-hour", "--surge", "--cases", "--turns", "--request-s"]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("option", NUMBERS["forecast"])
def test_a_wrong_number_of_a_forecast_is_said_with_its_option(arrivals, option, wrong):
    assert f"Invalid value for '{option}'" in refused("forecast", str(ROSTER), arrivals, option, wrong)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("option", NUMBERS["capacity"])
def test_a_wrong_number_of_a_capacity_is_said_with_its_option(option, wrong):
    usual = [] if option == "--contacts-per-hour" else ["--contacts-per-hour", "5"]
    assert f"Invalid value for '{option}'" in refused("capacity", *usual, option, wrong)


@pytest.mark.parametrize(
    "words",
    [("forecast", str(ROSTER), "nothing.csv", one) for one in NUMBERS["forecast"]]
    + [("capacity", one) for one in NUMBERS["capacity"] if one != "--cases"],
    ids=lambda words: words[-1],
)
def test_nothing_at_all_is_no_number_but_of_cases(words):
    assert f"Invalid value for '{words[-1]}'" in refused(*words, "0")


@settings(max_examples=60)
@given(st.sampled_from(NUMBERS["capacity"][1:]), st.floats(), st.floats())
@example("--request-s", 5e-324, 5e-324)
@example("--turns", 1.7e308, 1e6)
def test_capacity_answers_every_number(option, number, contacts):
    asked("capacity", "--contacts-per-hour", repr(contacts), option, repr(number))


@settings(max_examples=60)
@given(
    st.sampled_from(NUMBERS["forecast"]), st.floats() | st.floats(0.001, 2_000), st.floats(0, 1e6), st.text(max_size=8)
)
@example("--handling", 1_440.0, 1e5, "UTC")
@example("--patience", 0.1, 1e5, "UTC")
@example("--share", 0.999, 0.0, "UTC")
def test_a_forecast_answers_every_number(tmp_path_factory, option, number, contacts, zone):
    file = a_file(tmp_path_factory.mktemp("a"), f"4,22,{contacts}")
    asked("forecast", str(ROSTER), str(file), option, repr(number), "--zone", zone)


@pytest.mark.parametrize("zone", ["", "Mars", "America", "../UTC", "/etc/passwd", "UTC\x00", "a" * 300])
def test_what_is_no_zone_is_said(arrivals, zone):
    assert "is no time zone: give one like America/New_York" in refused(
        "forecast", str(ROSTER), arrivals, "--zone", zone
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["0,22,3,5"], "arrivals.csv:2 has more values than columns: write a decimal point"),
        (["0,22,1", "1,22,1", "0,22,2"], "arrivals.csv:4 names weekday 0, hour 22 a second time: keep one of the two"),
        ([], "arrivals.csv has no hour in it"),
        (["0,22,inf"], "out of range"),
        (["0,22,1e300"], "out of range"),
        (["0.5,22,1"], "is not three numbers"),
        (["0,22,\x00"], "is not three numbers"),
    ],
)
def test_arrivals_that_are_wrong_or_say_two_things_are_told_with_their_line(tmp_path, rows, said):
    output = refused("forecast", str(ROSTER), str(a_file(tmp_path, *rows)))
    assert said in output


@settings(max_examples=60)
@given(st.binary(max_size=200) | st.text(alphabet='0123456789,.-\n"nae', max_size=60).map(str.encode))
def test_whatever_is_in_the_file_of_arrivals_is_answered(tmp_path_factory, inside):
    file = tmp_path_factory.mktemp("a") / "arrivals.csv"
    file.write_bytes(b"weekday,hour,contacts\n" + inside)
    asked("forecast", str(ROSTER), str(file))


def test_arrivals_as_a_spreadsheet_writes_them_are_read(tmp_path):
    file = tmp_path / "arrivals.csv"
    file.write_bytes("weekday,hour,contacts\r\n4,22,0.1\r\n".encode("utf-8-sig"))
    assert "Error" not in asked("forecast", str(ROSTER), str(file)).output


@pytest.mark.parametrize("missing", ["roster", "arrivals"])
@pytest.mark.parametrize("kind", ["nothing there", "a folder", "no text"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, arrivals, missing, kind):
    place = tmp_path / "given"
    if kind == "a folder":
        place.mkdir()
    elif kind == "no text":
        place.write_bytes(b"\xff\xfe\x00")
    files = {"roster": str(ROSTER), "arrivals": arrivals, missing: str(place)}
    assert "given" in refused("forecast", files["roster"], files["arrivals"])


@pytest.mark.parametrize("place", ["", "nowhere/week.svg"])
def test_a_plot_that_cannot_be_written_is_said(tmp_path, arrivals, place):
    result = asked("forecast", str(ROSTER), arrivals, "--plot", str(tmp_path / place))
    assert result.exit_code == 1
    assert "cannot be written" in result.output


def test_more_callers_than_any_number_of_people_reach_is_said(tmp_path):
    file = a_file(tmp_path, "4,22,99999")
    assert "not even 200,000 people are enough for 99,999 contacts an hour that take 1440 minutes" in refused(
        "forecast", str(ROSTER), str(file), "--handling", "1440"
    )


def test_nobody_is_enough_for_so_many():
    with pytest.raises(Unreachable, match="contacts an hour"):
        staff_needed(1e3, 1e5, 900, within=300, share=0.9)
    assert Queue(0, 60, 60, 0).within(60) == 1.0


@pytest.mark.parametrize("name", [name for name in json.loads(COSTS.read_text()) if name != "measured_on"])
@pytest.mark.parametrize("wrong", ["many", None, -1, 0, True, float("nan"), float("inf"), [], 1e300])
def test_a_cost_that_is_none_is_named(tmp_path, name, wrong):
    file = tmp_path / "costs.json"
    file.write_text(json.dumps(json.loads(COSTS.read_text()) | {name: wrong}))
    output = refused("capacity", "--contacts-per-hour", "5", "--costs", str(file))
    assert "costs.json cannot be used" in output
    assert name in output
    assert "make bench" in output


def test_a_file_of_costs_that_is_not_there_is_said(tmp_path):
    assert "costs.json cannot be used" in refused(
        "capacity", "--contacts-per-hour", "5", "--costs", str(tmp_path / "costs.json")
    )
