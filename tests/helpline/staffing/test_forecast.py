from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.roster import read_roster
from helpline.__main__ import main
from helpline.staffing.forecast import HOURS, Aim, ArrivalsFault, forecast, read_arrivals, table
from helpline.staffing.picture import plot

ROSTER = Path(__file__).parents[3] / "config" / "roster.demo.yaml"
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
AIM = Aim(handling=1_500, patience=900, within=300, share=0.9)


def a_file(folder: Path, *rows: str) -> Path:
    file = folder / "arrivals.csv"
    file.write_text("\n".join(("weekday,hour,contacts", *rows)) + "\n")
    return file


def the_roster():
    roster, faults = read_roster(ROSTER)
    assert roster is not None, faults
    return roster


def test_a_busy_hour_needs_more_people_and_is_marked_where_they_are_missing():
    hours = forecast({(4, 22): 40.0, (0, 3): 0.5}, the_roster(), MONDAY, AIM)
    assert len(hours) == HOURS
    friday = next(hour for hour in hours if (hour.at.weekday(), hour.at.hour) == (4, 22))
    quiet = next(hour for hour in hours if (hour.at.weekday(), hour.at.hour) == (0, 4))
    assert friday.needed > 10
    assert friday.short == friday.needed - friday.on_call
    assert friday.in_time < 0.5
    assert (quiet.needed, quiet.in_time) == (1, 1.0)
    assert f"short of {friday.short}" in "\n".join(table(hours))


def test_the_plot_is_a_picture_that_fetches_nothing():
    drawn = plot(forecast({(4, 22): 5.0}, the_roster(), MONDAY, AIM)).decode()
    assert "<svg" in drawn
    assert "needed" in drawn
    assert "<script" not in drawn
    assert "https://kozea" not in drawn


def test_arrivals_are_read_from_a_file(tmp_path):
    assert read_arrivals(a_file(tmp_path, "0,22,3.5", "6,0,0")) == {(0, 22): 3.5, (6, 0): 0.0}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("0,22,many",), "arrivals.csv:2 is not three numbers"),
        (("0,22",), "arrivals.csv:2 is not three numbers"),
        (("7,22,1",), "out of range"),
        (("0,24,1",), "out of range"),
        (("0,22,-1",), "out of range"),
        (("0,22,nan",), "out of range"),
    ],
)
def test_a_wrong_row_is_told_with_its_line(tmp_path, rows, said):
    with pytest.raises(ArrivalsFault, match=said):
        read_arrivals(a_file(tmp_path, *rows))


def test_a_file_without_the_columns_and_a_file_that_is_not_there_are_told(tmp_path):
    (tmp_path / "arrivals.csv").write_text("day,calls\n")
    with pytest.raises(ArrivalsFault, match="no column weekday, hour, contacts"):
        read_arrivals(tmp_path / "arrivals.csv")
    with pytest.raises(ArrivalsFault, match="cannot be read"):
        read_arrivals(tmp_path / "nothing.csv")


def test_the_command_prints_a_week_and_fails_when_people_are_missing(tmp_path):
    drawn = tmp_path / "week.svg"
    result = CliRunner().invoke(
        main, ["forecast", str(ROSTER), str(a_file(tmp_path, "4,22,40")), "--plot", str(drawn), "--zone", "Europe/Rome"]
    )
    assert result.exit_code == 1
    assert "short of" in result.output
    assert len(result.output.splitlines()) == HOURS + 1
    assert drawn.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--zone", "Mars/Base"], "is no time zone"),
        (["--share", "1.2"], "--share"),
        (["--handling", "0"], "--handling"),
    ],
)
def test_a_wrong_option_is_said(tmp_path, more, said):
    result = CliRunner().invoke(main, ["forecast", str(ROSTER), str(a_file(tmp_path, "4,22,4")), *more])
    assert result.exit_code != 0
    assert said in result.output


def test_a_broken_roster_is_told_with_its_faults(tmp_path):
    broken = tmp_path / "roster.yaml"
    broken.write_text("zone: Mars/Base\n")
    result = CliRunner().invoke(main, ["forecast", str(broken), str(a_file(tmp_path, "4,22,4"))])
    assert result.exit_code == 1
    assert "roster.yaml" in result.output
