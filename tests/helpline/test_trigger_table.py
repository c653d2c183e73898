"""Every row of the trigger table as a text and as a call: the level, the script, and the exact first words.

`first_replies.json` holds the words; after `pytest --update-golden` read the diff: it is what people in danger will get.
"""

import html
import itertools
import json
import re
from pathlib import Path

import pytest

from flows.urgency import Urgency
from tests.helpline.whole_line import ANA, HELPLINE, WholeLine, fresh, new_sid, whole_line

GOLDEN = Path(__file__).with_name("first_replies.json")
E, U, S = Urgency.EMERGENCY, Urgency.URGENT, Urgency.SOON
callers = (f"+1202557{n:04d}" for n in itertools.count(100))

ROWS = [
    ("not breathing", "hes not breathing and his lips are blue", "he is not breathing", E, "overdose"),
    ("narcan, awake again", "gave her narcan shes awake now", "i gave her narcan and she woke up", E, "overdose"),
    ("overdosed", "I think I OD'd", "my brother overdosed", E, "overdose"),
    ("pills or poison, awake", "i took all my pills", "my son drank bleach", E, "poison"),
    ("suicide now", "im going to kill myself tonight", "i have a gun and i want to die", E, "suicide_now"),
    ("wants to die", "i want to die", "i do not want to live any more", U, "suicide_ideation"),
    ("self-harm", "i cut myself again", "i keep cutting myself", U, "self_harm"),
    ("withdrawal, red flags", "quit xanax and now im hallucinating",
     "he stopped drinking and is having a seizure", E, "withdrawal_red"),
    ("withdrawal", "stopped drinking yesterday and im shaking", "two days off xanax and i am sweating", U, "withdrawal"),
    ("pregnant, red flags", "im pregnant and bleeding", "i am pregnant and i am bleeding", E, "pregnancy"),
    ("pregnant and using", "im pregnant and using heroin", "i am pregnant and i use heroin", U, "pregnancy"),
    ("may hurt somebody", "i want to kill my wife", "i am going to shoot him", E, "violence_by_me"),
    ("being hurt now", "my husband is hitting me", "my boyfriend is choking me", E, "violence_to_me"),
    ("hurt at home", "my husband hits me when he drinks", "my husband hits me", U, "violence_to_me"),
    ("child in danger now", "he is hitting my son", "he is beating my daughter", E, "child"),
    ("child abused", "my uncle molested my niece", "my stepdad hits my little brother", U, "child"),
    ("under 18", "im 15 years old", "i am fifteen years old", U, "minor"),
    ("stimulants", "he did meth and is paranoid", "he took meth and he is paranoid", E, "stimulant"),
    ("k-hole", "shes in a k hole and not responding", "he is in a k hole and vomiting", E, "overdose"),
    ("bladder", "theres blood in my urine", "there is blood in my urine", S, "bladder"),
    ("bladder with fever", "bladder hurts and i have a fever", "i can not pee at all", U, "bladder"),
    ("assault", "i was raped", "i was sexually assaulted", U, "assault"),
    ("assault now", "he is trying to rape me", "he is trying to rape me", E, "assault"),
    ("nowhere safe", "i have nowhere to sleep tonight", "i have nowhere to sleep", U, "shelter"),
    ("en español: sobredosis", "mi hermano no despierta", "mi hermano no despierta", E, "overdose"),
    ("en español: suicidio ahora", "me voy a matar esta noche", "me voy a matar", E, "suicide_now"),
    ("en español: quiere morir", "kiero morirme", "quiero morirme", U, "suicide_ideation"),
    ("en español: violencia", "mi esposo me pega", "mi esposo me pega", U, "violence_to_me"),
]  # fmt: skip


@pytest.fixture(scope="module")
def module_line(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch, whole_line(tmp_path_factory.mktemp("v"), patch) as line:
        yield line


@pytest.fixture
def line(module_line: WholeLine) -> WholeLine:
    return fresh(module_line)


def words(twiml: str, tag: str) -> list[str]:
    found = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", twiml, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in found]


def first_text(line: WholeLine, said: str) -> str:
    return words(line.text(said, sender=next(callers)), "Message")[0]


def first_spoken(line: WholeLine, said: str) -> str:
    call = {"CallSid": new_sid("CA"), "From": next(callers), "To": HELPLINE, "Direction": "inbound"}
    form = {**call, "CallStatus": "in-progress"}
    line.post("/twilio/voice", form)
    answer = line.post("/twilio/voice/turn?v=1", {**form, "SpeechResult": said}).get_data(as_text=True)
    return words(answer, "Say")[0]


def level_and_dangers(line: WholeLine) -> tuple[Urgency, tuple[str, ...]]:
    (case,) = line.services.store.open_cases()
    return case.urgency, case.dangers


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_gives_its_level_and_its_exact_first_words_by_text_and_by_call(
    line: WholeLine,
    row: tuple[str, str, str, Urgency, str],
    update_golden: bool,  # noqa: FBT001
):
    title, written, spoken, level, danger = row
    replies = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}
    given = {"text": first_text(line, written)}
    urgency, dangers = level_and_dangers(line)
    assert (urgency, danger in dangers) == (level, True)
    line.tick()
    assert any("Reply 1" in body for body in line.sent(ANA))
    fresh(line)
    given["call"] = first_spoken(line, spoken)
    urgency, dangers = level_and_dangers(line)
    assert (urgency, danger in dangers) == (level, True)
    if update_golden:
        replies[title] = given
        GOLDEN.write_text(json.dumps(replies, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert replies[title] == given


def test_no_reply_is_kept_for_a_row_that_is_gone():
    assert set(json.loads(GOLDEN.read_text(encoding="utf-8"))) == {row[0] for row in ROWS}


def test_an_emergency_is_told_to_call_911_in_its_first_words():
    replies = json.loads(GOLDEN.read_text(encoding="utf-8"))
    for title, _, _, level, _ in ROWS:
        if level is E:
            assert "911" in replies[title]["text"], title
            assert "9 1 1" in replies[title]["call"] or "911" in replies[title]["call"], title
