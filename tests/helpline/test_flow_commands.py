"""`helpline flows …` and `helpline try`, as the people who write the content use them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.content import SHIPPED
from helpline.commands.flows import flows, try_
from tests.config.content_copy import ContentCopy


@pytest.fixture
def copy(tmp_path: Path) -> ContentCopy:
    return ContentCopy(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(flows, arguments)


def talk(tmp_path: Path, *answers: str, language: str = "", width: int = 300) -> str:
    script = tmp_path / "talk.txt"
    script.write_text("\n".join(answers), encoding="utf-8")
    chosen = ("--language", language) if language else ()
    result = CliRunner(env={"COLUMNS": str(width)}).invoke(try_, ["--script", str(script), *chosen])
    assert result.exit_code == 0, result.output
    return result.output


def after(output: str, answer: str) -> str:
    """What was shown after one answer."""
    return output.split(f"> {answer}\n", 1)[1].split("\n> ", 1)[0]


def test_review_of_the_shipped_content_says_what_was_proved_or_only_that_dates_ran_out():
    result = run("review", "--content", str(SHIPPED))
    if result.exit_code == 0:
        assert "Nothing to mend" in result.output
    else:
        assert all("ran out" in line or "to be checked" in line for line in result.output.splitlines()[:-1])


def test_review_names_every_fault_with_file_and_line_and_fails(copy: ContentCopy):
    line = copy.change("nodes/triage.yaml", "go: q3}", "go: q33}")
    result = run("review", "--content", str(copy.directory))
    assert result.exit_code == 1
    assert "nodes/triage.yaml:" in result.output
    assert "leads to q33, which does not exist" in result.output
    assert line > 1


def test_review_of_files_that_cannot_be_read_names_them_too(copy: ContentCopy):
    copy.write("faq.yaml", "faq: [")
    result = run("review", "--content", str(copy.directory))
    assert result.exit_code == 1
    assert "faq.yaml:1: this is not YAML" in result.output


def test_draw_writes_a_picture_for_each_part(tmp_path: Path):
    result = run("draw", "--content", str(SHIPPED), "--out", str(tmp_path / "new" / "pictures"))
    assert result.exit_code == 0
    assert {file.name for file in (tmp_path / "new" / "pictures").iterdir()} >= {"menu.svg", "triage.svg", "person.svg"}


def test_draw_of_broken_content_says_why(copy: ContentCopy):
    copy.remove("numbers.yaml")
    result = run("draw", "--content", str(copy.directory))
    assert result.exit_code == 1
    assert "numbers.yaml: the file is missing" in result.output


def test_diff_of_the_same_content_is_empty_and_succeeds(copy: ContentCopy):
    result = run("diff", str(SHIPPED), str(copy.directory))
    assert (result.exit_code, result.output) == (0, "No difference.\n")


def test_diff_shows_the_words_before_and_after(copy: ContentCopy):
    copy.change("messages/en/greeting.yaml", "Take your time.", "No hurry.")
    result = run("diff", str(SHIPPED), str(copy.directory))
    assert result.exit_code == 1
    assert "+ sms: No hurry.; voice: No hurry." in result.output


def test_diff_warns_of_callers_who_would_be_stranded(copy: ContentCopy):
    for file in ("nodes/triage.yaml",):
        text = copy.read(file)
        copy.write(
            file, text.replace("\n  offer:\n", "\n  offering:\n").replace("otherwise: offer", "otherwise: offering")
        )
    result = run("diff", str(SHIPPED), str(copy.directory))
    assert "A caller at offer would be sent to landing" in result.output


def test_schema_is_json_on_standard_output_or_in_a_file(tmp_path: Path):
    printed = json.loads(run("schema").output)
    assert run("schema", "--out", str(tmp_path / "s.json")).exit_code == 0
    assert json.loads((tmp_path / "s.json").read_text(encoding="utf-8")) == printed


def test_try_shows_both_channels_side_by_side_with_node_and_urgency(tmp_path: Path):
    output = talk(tmp_path, "1")
    asked = after(output, "1")
    assert "0 Talk to a person." in asked
    assert "If not, 4." in asked
    assert asked.count("[q1 · routine · answer]") == 2


def test_try_shows_what_would_happen_behind_the_words(tmp_path: Path):
    urgent = talk(tmp_path, "1", "1").rsplit("> 1\n", 1)[1]
    assert urgent.count("NeedPerson urgency=EMERGENCY") == 2
    assert "CALL 911 NOW" in urgent
    assert "Call 9 1 1 now" in urgent


def test_try_reads_a_script_with_remarks_and_stops_at_quit(tmp_path: Path):
    output = talk(tmp_path, "# a remark", "", "1", "/quit", "2")
    assert "> 1" in output
    assert "remark" not in output
    assert "> 2" not in output


def test_try_rings_the_check_in_after_danger_and_silence(tmp_path: Path):
    output = talk(tmp_path, "/sms my friend wont wake up", "/wait 60", "/wait 61")
    assert "safe right now" not in after(output, "/wait 60")
    assert "Are you safe right now?" in after(output, "/wait 61")


def test_try_shows_the_true_state_of_the_case(tmp_path: Path):
    output = talk(tmp_path, "0", "/case claimed", "/sms are you there")
    assert "Ana has taken your request" in after(output, "/sms are you there")


def test_try_gives_silence_and_hang_up_to_the_call_only(tmp_path: Path):
    output = talk(tmp_path, "/silence", "/hangup", "/voice hello", "/call")
    assert "Sorry, I did not get that." in after(output, "/silence")
    assert "no call" in after(output, "/voice hello")
    assert "I am a bot" in after(output, "/call")


def test_try_speaks_the_language_asked_for(tmp_path: Path):
    assert "Línea de ayuda" in talk(tmp_path, "1", language="es")


def test_try_names_the_commands_when_it_gets_an_unknown_one(tmp_path: Path):
    script = tmp_path / "talk.txt"
    script.write_text("/jump", encoding="utf-8")
    result = CliRunner().invoke(try_, ["--script", str(script)])
    assert result.exit_code == 1
    assert "/jump is no command. The commands are /sms TEXT" in result.output


def test_try_ends_when_the_keyboard_does():
    result = CliRunner().invoke(try_, input="1\n")
    assert result.exit_code == 0
    assert "Is anyone in danger right now?" in result.output.replace("\n", " ") or "[q1" in result.output
