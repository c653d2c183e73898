"""The shipped content: it loads, says what the code says by name, triages as agreed, and fits into two texts."""

import random
from pathlib import Path

import pytest

from config import content, policy
from flows.case_words import NoticeKind
from flows.events import Channel
from flows.loaded import LoadedContent
from flows.segments import size_of
from flows.session import Answer
from flows.triage import level
from flows.urgency import Urgency

SAMPLE = 2_000
SAID_BY_CODE = (
    "safe_fallback",
    "page",
    "page_call",
    "connect_call",
    "claimed_you",
    "claimed_you_call",
    "claimed_other",
    "already_taken_care_of",
    "already_closed",
    "passed",
    "which_code",
    "unknown_code",
    "nothing_open",
    "staff_help",
    "outcome_done",
    "not_closed",
    "outcome_ask_call",
    "call_caller_left",
    "call_caller_not_reached",
    "call_claim_over",
    "caller_screen",
    "joining",
    "goodbye",
    "hold_paging",
    "hold_trying",
    "hold_claimed",
    "confirm_language",
)


@pytest.fixture(scope="module")
def loaded() -> LoadedContent:
    return content.load()


@pytest.mark.parametrize("message", [*SAID_BY_CODE, *(f"notice_{kind.value}" for kind in NoticeKind)])
def test_every_message_the_code_names_has_words(loaded: LoadedContent, message: str) -> None:
    assert message in loaded.catalogue.messages["en"]


def test_every_danger_has_a_script_with_words_for_when_the_line_is_down(loaded: LoadedContent) -> None:
    for script in loaded.flow.lexicon.scripts.values():
        assert script in loaded.flow.scripts
        assert f"offline_{script}" in loaded.catalogue.messages["en"]


def test_words_for_when_the_line_is_down_do_not_say_that_staff_are_alerted(loaded: LoadedContent) -> None:
    for name, forms in loaded.catalogue.messages["en"].items():
        if name.startswith("offline_"):
            assert "alert" not in forms.sms.lower(), name
            assert "staff" not in forms.sms.lower(), name


def test_every_text_fits_into_two_segments(loaded: LoadedContent) -> None:
    examples = {
        name: size_of(loaded.catalogue.example(forms.sms, Channel.SMS))
        for name, forms in loaded.catalogue.messages["en"].items()
    }
    assert {name: size for name, size in examples.items() if size.segments > 2} == {}


def test_the_greeting_says_bot_not_a_doctor_and_where_help_is(loaded: LoadedContent) -> None:
    greeting = loaded.catalogue.example(loaded.catalogue.messages["en"]["welcome"].sms, Channel.SMS).lower()
    for needed in ("bot", "not a doctor", "send help", "911", "988"):
        assert needed in greeting


def _agreed(answers: dict[str, Answer]) -> Urgency:
    """The agreed table written a second time, as code; an answer of `None` is one not given."""
    q1, q2, q2b = (answers.get(name) for name in ("q1", "q2", "q2b"))
    q3, q4, q5 = (answers.get(name) for name in ("q3", "q4", "q5"))
    changed, ill, fits = set(q3 or ()), set(q4 or ()), set(q5 or ())
    if set(q1 or ()) & {1, 2, 3} or 1 in (q2b or ()) or 1 in ill:
        return Urgency.EMERGENCY
    unknown_after_stopping = q4 is None and (q3 is None or bool(changed & {1, 2, 3}))
    if q1 is None or q2 != (0,) or ill & {2, 3} or fits & {1, 2, 3, 4} or unknown_after_stopping:
        return Urgency.URGENT
    if None in (q3, q4, q5) or changed - {0} or 5 in fits:
        return Urgency.SOON
    return Urgency.ROUTINE


def _some(chance: random.Random, most: int) -> Answer:
    if chance.random() < 0.2:
        return None
    return tuple(value for value in range(1, most + 1) if chance.random() < 0.2) or (0,)


def _answers(chance: random.Random) -> dict[str, Answer]:
    one: dict[str, Answer] = {
        "q1": chance.choice([(0,), (0,), (0,), (1,), (2,), (3,), None]),
        "q2": chance.choice([(0,), (0,), (1,), (9,), None]),
        "q3": _some(chance, 4),
        "q4": _some(chance, 3),
        "q5": _some(chance, 5),
    }
    return one if one["q2"] == (0,) else one | {"q2b": chance.choice([(0,), (1,), (9,), None])}


def test_triage_gives_the_agreed_level_for_a_sample_of_answers(loaded: LoadedContent) -> None:
    chance = random.Random(16)
    seen = set()
    for _ in range(SAMPLE):
        answers = _answers(chance)
        seen.add(agreed := _agreed(answers))
        assert level(loaded.flow.triage, answers) is agreed, answers
    assert seen == set(Urgency)


def test_the_shipped_policy_pages_backup_after_a_minute_and_everyone_after_two() -> None:
    shipped = policy.load(content.SHIPPED / "policy.yaml")
    for urgency in (Urgency.URGENT, Urgency.EMERGENCY):
        assert [step.after.total_seconds() for step in shipped.level(urgency).steps] == [0, 60, 120]


def test_a_directory_that_is_not_there_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(content.ContentFaults, match="nowhere"):
        content.load(tmp_path / "nowhere")
