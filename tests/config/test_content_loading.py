"""Content directories: every fault of every file at once, and the running content stays live."""

from datetime import date
from pathlib import Path

import pytest

from config import content
from config.content import ContentFaults
from flows.catalogue import Catalogue
from flows.events import Channel
from flows.fault import Fault
from flows.loaded import LoadedContent, Part
from flows.nodes import Ask, Choice
from flows.step import Consent, GiveConsent, Prompt, Remember
from flows.urgency import Urgency
from tests.config.content_copy import ContentCopy

TODAY = date(2026, 11, 24)


@pytest.fixture
def copy(tmp_path: Path) -> ContentCopy:
    return ContentCopy(tmp_path)


@pytest.fixture(scope="module")
def shipped() -> LoadedContent:
    return content.load()


def faults(copy: ContentCopy) -> tuple[Fault, ...]:
    with pytest.raises(ContentFaults) as refused:
        content.load(copy.directory)
    return refused.value.faults


def the_fault(copy: ContentCopy) -> Fault:
    found = faults(copy)
    assert len(found) == 1, found
    return found[0]


def test_the_copy_is_the_same_content_by_version(copy: ContentCopy, shipped: LoadedContent):
    assert content.load(copy.directory).flow.version == shipped.flow.version


def test_a_changed_word_is_another_version(copy: ContentCopy, shipped: LoadedContent):
    copy.change("messages/en/greeting.yaml", "Take your time.", "Take all the time you need.")
    assert content.load(copy.directory).flow.version != shipped.flow.version


def test_a_node_is_compiled_with_its_choices_words_levels_and_effects(shipped: LoadedContent):
    q1 = shipped.flow.nodes["q1"]
    assert isinstance(q1, Ask)
    assert [(choice.keys, choice.value, choice.script) for choice in q1.choices] == [
        (("1",), 1, "life"),
        (("2",), 2, "si_now"),
        (("3",), 3, "harm"),
        (("4",), 0, ""),
    ]
    assert q1.choices[2].does == (GiveConsent(Consent.NO_CONTACT),)
    assert "not breathing" in q1.choices[0].words["en"]
    assert "no respira" in q1.choices[0].words["es"]
    assert shipped.flow.scripts["life"].level is Urgency.EMERGENCY


def test_each_language_brings_its_own_key_to_the_main_menu(shipped: LoadedContent):
    menu = shipped.flow.nodes["menu"]
    assert isinstance(menu, Ask)
    assert Choice(("3",), "@same", does=(Remember("language", "es"),)) in menu.choices
    assert Choice(("7",), "@same", does=(Remember("language", "en"),)) in menu.choices


def test_a_message_like_another_has_its_words(shipped: LoadedContent):
    messages = shipped.catalogue.messages["en"]
    assert messages["offline_od"] == messages["od"]


def test_every_part_knows_where_it_stands(shipped: LoadedContent):
    assert shipped.place(Part.NODE, "q1").file == "nodes/triage.yaml"
    assert shipped.place(Part.MESSAGE, "es/q1").file == "messages/es/triage.yaml"
    assert shipped.place(Part.NUMBER, "poison").line > 1


def test_a_number_is_texted_as_it_is_dialled_and_spoken_digit_by_digit(shipped: LoadedContent):
    prompt = Prompt("poison", "en")
    assert "1-800-222-1222" in shipped.catalogue.text(prompt, Channel.SMS)
    assert "1, 8 0 0, 2 2 2, 1 2 2 2" in shipped.catalogue.text(prompt, Channel.VOICE)


def test_an_unknown_name_is_refused_with_its_line(copy: ContentCopy):
    line = copy.change("nodes/menu.yaml", "again: menu_again", "agian: menu_again")
    found = the_fault(copy)
    assert (found.file, found.line) == ("nodes/menu.yaml", line)
    assert "agian is not known" in found.what


def test_a_missing_name_is_refused(copy: ContentCopy):
    copy.change("scripts.yaml", "level: urgent}", "}")
    assert "level is missing" in the_fault(copy).what


def test_a_wrong_type_is_refused(copy: ContentCopy):
    line = copy.change("nodes/triage.yaml", "digits: 5", "digits: many")
    found = the_fault(copy)
    assert (found.file, found.line) == ("nodes/triage.yaml", line)
    assert "digits" in found.what


def test_a_word_that_is_no_level_is_refused(copy: ContentCopy):
    copy.change("triage.yaml", "level: emergency", "level: terrible")
    assert "'routine', 'soon', 'urgent' or 'emergency'" in the_fault(copy).what


def test_a_node_of_no_kind_is_refused(copy: ContentCopy):
    copy.change("nodes/menu.yaml", "    say: welcome\n", "")
    assert "none of say, ask, decide, person, end" in the_fault(copy).what


def test_no_as_a_key_is_refused(copy: ContentCopy):
    copy.change("messages/en/words.yaml", '  "no": [', "  no: [")
    assert "the name no is taken for" in the_fault(copy).what


def test_faults_of_several_files_come_at_once_in_order(copy: ContentCopy):
    copy.change("faq.yaml", "answer: f_uses", "anwser: f_uses")
    copy.change("nodes/menu.yaml", "again: menu_again", "agian: menu_again")
    copy.write("messages/en/broken.yaml", "messages: [")
    assert [fault.file for fault in faults(copy)] == [
        "faq.yaml",
        "faq.yaml",
        "messages/en/broken.yaml",
        "nodes/menu.yaml",
    ]


def test_a_missing_file_is_named(copy: ContentCopy):
    copy.remove("triage.yaml")
    assert the_fault(copy).file == "triage.yaml"


def test_a_missing_file_of_a_language_is_named(copy: ContentCopy):
    copy.remove("messages/es/words.yaml")
    assert the_fault(copy).file == "messages/es/words.yaml"


@pytest.mark.parametrize("file", ["stray.yaml", "nodes/deep/er.yaml", "messages/loose.yaml", "nodes/menu2.yml"])
def test_a_file_in_no_place_for_content_is_refused(copy: ContentCopy, file: str):
    copy.write(file, "a: b\n")
    assert "no content file belongs here" in the_fault(copy).what


def test_a_node_in_two_files_is_refused(copy: ContentCopy):
    copy.write("nodes/twice.yaml", "title: Twice\nnodes:\n  menu:\n    say: welcome\n    go: q1\n")
    assert any("the node menu stands in two files" in fault.what for fault in faults(copy))


def test_a_message_in_two_files_is_refused(copy: ContentCopy):
    copy.write("messages/en/twice.yaml", "messages:\n  menu: {text: Twice}\n")
    assert "the message menu stands twice" in the_fault(copy).what


def test_a_message_like_one_that_has_no_words_is_refused(copy: ContentCopy):
    copy.change("messages/en/scripts.yaml", "{like: od}", "{like: nothing}")
    assert "no message nothing" in the_fault(copy).what


def test_a_place_that_names_no_node_is_refused(copy: ContentCopy):
    line = copy.change("conversation.yaml", "  exit: exit\n", "  exit: nowhere\n")
    found = the_fault(copy)
    assert "places.exit" in found.what
    assert found.line < line


def test_questions_for_no_entry_are_refused(copy: ContentCopy):
    copy.change("messages/en/questions.yaml", "  uses:\n", "  abuses:\n")
    assert "no entry abuses" in the_fault(copy).what


def test_a_default_language_without_a_folder_is_refused(copy: ContentCopy):
    copy.change("line.yaml", "default_language: en", "default_language: fr")
    assert "no messages/fr" in the_fault(copy).what


def test_a_fault_of_the_lexicon_is_among_the_faults(copy: ContentCopy):
    copy.write("safety/broken.yaml", "entries: [")
    assert the_fault(copy).file == "safety/broken.yaml"


def test_too_many_files_are_refused_unread(copy: ContentCopy):
    for number in range(501):
        copy.write(f"nodes/n{number}.yaml", "")
    assert "more than 500" in the_fault(copy).what


def test_a_sound_change_goes_live(copy: ContentCopy, shipped: LoadedContent):
    copy.change("messages/en/greeting.yaml", "Take your time.", "Take all the time you need.")
    reloaded = content.reload_content(copy.directory, shipped, TODAY)
    assert reloaded.changed
    assert reloaded.faults == ()
    assert text(reloaded.content.catalogue, "more_time") == "Take all the time you need."


def test_content_that_cannot_be_read_leaves_the_running_content_live(copy: ContentCopy, shipped: LoadedContent):
    copy.write("nodes/menu.yaml", "nodes: {")
    reloaded = content.reload_content(copy.directory, shipped, TODAY)
    assert reloaded.content is shipped
    assert not reloaded.changed
    assert reloaded.faults


def test_content_that_fails_the_review_leaves_the_running_content_live(copy: ContentCopy, shipped: LoadedContent):
    copy.change("nodes/menu.yaml", "go: menu\n", "go: nowhere\n")
    reloaded = content.reload_content(copy.directory, shipped, TODAY)
    assert reloaded.content is shipped
    assert any("nowhere" in fault.what for fault in reloaded.faults)


BOMB = "a: &a [lol, lol, lol, lol]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n"
A_CYCLE = "title: Round\nnodes:\n  one: {say: greeting, go: two}\n  two: {say: greeting, go: one}\n"
SPOILT = {
    "a cycle that never asks": (lambda copy: copy.write("nodes/round.yaml", A_CYCLE), "without"),
    "a missing text": (
        lambda copy: copy.change("messages/es/greeting.yaml", "not_sure:", "not_sure_at_all:"),
        "not_sure",
    ),
    "a wrong type": (lambda copy: copy.change("conversation.yaml", "sms: 14400", "sms: soon"), "sms"),
    "`no` as a key": (lambda copy: copy.change("messages/en/words.yaml", '"no":', "no:"), "no"),
    "a file of a megabyte": (lambda copy: copy.write("nodes/large.yaml", "#" * 1_000_000), "1000000 bytes"),
    "a YAML bomb": (lambda copy: copy.write("nodes/bomb.yaml", BOMB), "nchor"),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_bad_content_is_refused_with_its_reason_and_the_running_content_stays_live(
    copy: ContentCopy, shipped: LoadedContent, kind: str
):
    spoil, reason = SPOILT[kind]
    spoil(copy)
    reloaded = content.reload_content(copy.directory, shipped, TODAY)
    assert reloaded.content is shipped
    assert not reloaded.changed
    assert any(reason in fault.what and fault.mend for fault in reloaded.faults), reloaded.faults


def test_a_date_that_has_run_out_is_told_and_does_not_keep_new_content_out(copy: ContentCopy, shipped: LoadedContent):
    copy.change("numbers.yaml", "expires_on: 2027-02-23", "expires_on: 2026-11-01")
    reloaded = content.reload_content(copy.directory, shipped, TODAY)
    assert reloaded.changed
    assert ["emergency" in fault.what for fault in reloaded.faults] == [True]


def text(catalogue: Catalogue, message: str) -> str:
    return catalogue.text(Prompt(message, "en"), Channel.SMS)
