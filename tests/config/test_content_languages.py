"""A language is added by adding a folder, and by nothing else: a made-up one, Upside, goes through a whole conversation."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from config import content
from flows.engine import begin, step
from flows.events import Answered, Channel, Started, Via
from flows.loaded import LoadedContent
from flows.review import review
from flows.session import Session
from tests.config.content_copy import ContentCopy

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LANGUAGE = """
name: Upside
tag: qu
voice: Some.Voice
key: "6"
words: [upside, pu]
marks: [zoop, zaap, zeep]
"""


def turned(words: str) -> str:
    """Every lower-case word turned around; placeholders and capitals stay."""
    return re.sub(r"\{[^}]*\}|[a-z]{2,}", lambda found: found[0] if found[0][0] == "{" else found[0][::-1], words)


def quoted(line: str) -> str:
    """A line with what stands in quotes after its name turned around."""
    name, colon, rest = line.partition(": ")
    return f"{name}{colon}" + re.sub(r'"([^"]*)"', lambda found: f'"{turned(found[1])}"', rest)


def word_list(line: str) -> str:
    """A line of words.yaml: no word may be one of another language's, so each gets a q."""
    name, colon, rest = line.partition(": ")
    return f"{name}{colon}" + re.sub(r'"([^"]+)"', lambda found: f'"{found[1][::-1]}q"', rest)


def question(line: str) -> str:
    head, dash, rest = line.partition("- ")
    return f"{head}{dash}{turned(rest)}" if dash else line


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedContent:
    copy = ContentCopy(tmp_path_factory.mktemp("upside"))
    ways = {"words.yaml": word_list, "questions.yaml": question}
    for file in (copy.directory / "messages" / "en").glob("*.yaml"):
        lines = file.read_text(encoding="utf-8").split("\n")
        copy.write(f"messages/up/{file.name}", "\n".join(map(ways.get(file.name, quoted), lines)))
    copy.write("messages/up/language.yaml", LANGUAGE)
    return content.load(copy.directory)


def test_the_new_language_passes_the_whole_review(loaded: LoadedContent):
    assert review(loaded, date(2026, 11, 24)) == ()


def test_the_new_language_comes_after_the_default_one(loaded: LoadedContent):
    assert loaded.flow.languages == ("en", "es", "up")
    assert loaded.catalogue.language("up").voice == "Some.Voice"


def caller(loaded: LoadedContent, channel: Channel) -> Session:
    return begin(loaded.flow, id="s", caller_key="k", channel=channel, language="en", at=NOON)


def said(loaded: LoadedContent, session: Session, answer: str, via: Via) -> tuple[Session, str]:
    event = Answered(f"e{session.version}", NOON + timedelta(seconds=session.version), answer, via)
    given = step(loaded.flow, session, event)
    return given.session, " ".join(loaded.catalogue.text(prompt, session.channel) for prompt in given.prompts)


def test_it_is_chosen_by_its_key_on_a_call(loaded: LoadedContent):
    called = step(loaded.flow, caller(loaded, Channel.VOICE), Started("call", NOON)).session
    chosen, words = said(loaded, called, "6", Via.KEYS)
    assert chosen.language == "up"
    assert words == loaded.catalogue.example(loaded.catalogue.messages["up"]["menu"].voice, Channel.VOICE)


def test_it_is_chosen_by_its_name_in_a_text_and_speaks_from_then_on(loaded: LoadedContent):
    greeted, _ = said(loaded, caller(loaded, Channel.SMS), "hi", Via.TEXT)
    chosen, _ = said(loaded, greeted, "upside", Via.TEXT)
    asked, words = said(loaded, chosen, "1", Via.TEXT)
    assert asked.node == "q1"
    assert words == loaded.catalogue.example(loaded.catalogue.messages["up"]["q1"].sms, Channel.SMS)


def test_its_own_words_are_understood(loaded: LoadedContent):
    greeted, _ = said(loaded, caller(loaded, Channel.SMS), "hi", Via.TEXT)
    chosen, _ = said(loaded, greeted, "upside", Via.TEXT)
    asked, _ = said(loaded, chosen, "1", Via.TEXT)
    nope = loaded.flow.nodes["q1"].choices[3].words["up"][2]  # type: ignore[union-attr]
    answered, _ = said(loaded, asked, nope, Via.TEXT)
    assert answered.node == "q2"


def test_it_is_confirmed_in_itself_where_it_is_guessed(loaded: LoadedContent):
    assert loaded.flow.nodes["confirm_up"].speaks == "up"  # type: ignore[union-attr]
