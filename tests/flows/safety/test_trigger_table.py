"""The trigger table row by row: what is said, the level, and the one script that goes out first."""

import pytest

from flows.safety import Danger, Lexicon, screen
from flows.urgency import Urgency

E, U, S = Urgency.EMERGENCY, Urgency.URGENT, Urgency.SOON

ROWS = [
    ("he is not breathing", E, "od", Danger.OVERDOSE),
    ("her lips are blue", E, "od", Danger.OVERDOSE),
    ("i gave him narcan and he is awake now", E, "od", Danger.OVERDOSE),
    ("mi hermano no despierta", E, "od", Danger.OVERDOSE),
    ("i overdosed", E, "od", Danger.OVERDOSE),
    ("she is in a k hole and not responding", E, "od", Danger.OVERDOSE),
    ("i took all my pills", E, "poison", Danger.POISON),
    ("my toddler drank bleach", E, "poison", Danger.POISON),
    ("me tome todas las pastillas", E, "poison", Danger.POISON),
    ("i am going to kill myself tonight", E, "si_now", Danger.SUICIDE_NOW),
    ("i have a gun and i want to die", E, "si_now", Danger.SUICIDE_NOW),
    ("i wrote a goodbye note", E, "si_now", Danger.SUICIDE_NOW),
    ("me voy a matar", E, "si_now", Danger.SUICIDE_NOW),
    ("i want to die", U, "si_thought", Danger.SUICIDE_IDEATION),
    ("quiero morirme", U, "si_thought", Danger.SUICIDE_IDEATION),
    ("i cut myself again", U, "si_thought", Danger.SELF_HARM),
    ("i quit xanax and now i am hallucinating", E, "wd", Danger.WITHDRAWAL_RED),
    ("he stopped drinking and is having a seizure", E, "wd", Danger.WITHDRAWAL_RED),
    ("i stopped drinking yesterday and im shaking", U, "wd", Danger.WITHDRAWAL),
    ("im pregnant and bleeding", E, "preg", Danger.PREGNANCY),
    ("im pregnant and using heroin", U, "preg", Danger.PREGNANCY),
    ("i want to kill my wife", E, "harm_others", Danger.VIOLENCE_BY_ME),
    ("my husband is hitting me", E, "dv", Danger.VIOLENCE_TO_ME),
    ("my husband hits me when he drinks", U, "dv", Danger.VIOLENCE_TO_ME),
    ("he is hitting my son", E, "child", Danger.CHILD),
    ("i am 15 years old", U, "minor", Danger.MINOR),
    ("he did meth and is paranoid", E, "stimulant", Danger.STIMULANT),
    ("blood in my urine", S, "bladder", Danger.BLADDER),
    ("i can not pee at all", U, "bladder", Danger.BLADDER),
    ("i was raped", U, "assault", Danger.ASSAULT),
    ("he is trying to rape me", E, "assault", Danger.ASSAULT),
    ("i have nowhere to sleep tonight", U, "shelter", Danger.SHELTER),
    ("i cant do this anymore", U, "si_thought", Danger.DISTRESS),
]


@pytest.mark.parametrize(("said", "level", "script", "danger"), ROWS, ids=[row[0] for row in ROWS])
def test_row_of_the_trigger_table_gives_its_level_and_script(
    lexicon: Lexicon, said: str, level: Urgency, script: str, danger: Danger
) -> None:
    heard = screen(said, lexicon)
    assert (heard.urgency, heard.script) == (level, script)
    assert danger in {hit.danger for hit in heard.hits}


@pytest.mark.parametrize(
    "said", ["my son will not wake up", "mi hija se quiere matar", "my wife wants to kill herself", "she overdosed"]
)
def test_danger_to_somebody_else_is_the_same_class_and_says_so(lexicon: Lexicon, said: str) -> None:
    heard = screen(said, lexicon)
    assert heard.urgency >= U
    assert any(hit.other_person for hit in heard.hits)


def test_the_speakers_own_danger_is_not_marked_as_somebody_elses(lexicon: Lexicon) -> None:
    heard = screen("my mom does not know i want to die", lexicon)
    assert any(not hit.other_person for hit in heard.hits if hit.danger is Danger.SUICIDE_IDEATION)


def test_an_entry_is_named_by_its_id_and_never_by_the_callers_words(lexicon: Lexicon) -> None:
    known = {entry.id for entry in lexicon.entries} | {"distress_adds_up"}
    heard = screen("i took all my pills and wrote a note goodbye mom", lexicon)
    assert {hit.entry for hit in heard.hits} <= known


def test_every_danger_has_a_script_and_an_entry(lexicon: Lexicon) -> None:
    assert set(lexicon.scripts) == set(Danger)
    assert {entry.danger for entry in lexicon.entries} == set(Danger)
