"""Whole conversations, word for word, by text and by call. After `pytest --update-golden` read the diff: it is what
callers will hear.

A `.talk` file is what one person does (`helpline try --script` plays it too); beside it stands what each channel answers.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import content
from flows.events import Channel
from helpline.content.trial import QUIET, TrialLine, played

TALKS = sorted((Path(__file__).parents[1] / "conversations").glob("*.talk"))
WIDTH = 100
BEGIN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LANGUAGE = "# language: "


def language_of(script: str) -> str:
    return next((line.removeprefix(LANGUAGE) for line in script.splitlines() if line.startswith(LANGUAGE)), "en")


def transcript(lines: list[tuple[str, TrialLine]], channel: Channel) -> str:
    def told() -> Iterator[str]:
        for answer, line in lines:
            said = line.on(channel)
            if answer:
                yield f"> {answer}"
            yield from ("  (not by this channel)",) if said == QUIET else said.lines(WIDTH)
            yield ""

    return "\n".join(line.rstrip() for line in told()).rstrip() + "\n"


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.stem)
def test_every_conversation_goes_as_it_was_read(talk: Path, update_golden: bool):  # noqa: FBT001
    script = talk.read_text(encoding="utf-8")
    lines = list(played(content.load(), script.splitlines(), language_of(script), BEGIN))
    for channel in Channel:
        golden = talk.with_suffix(f".{channel.value}.txt")
        given = transcript(lines, channel)
        if update_golden:
            golden.write_text(given, encoding="utf-8")
        assert given == golden.read_text(encoding="utf-8"), f"{golden.name}: read the change, then --update-golden"


def test_there_are_enough_of_them_in_both_languages():
    languages = [language_of(talk.read_text(encoding="utf-8")) for talk in TALKS]
    assert languages.count("en") >= 40
    assert languages.count("es") >= 15
    assert set(languages) == set(content.load().flow.languages)


def test_no_transcript_is_left_over():
    known = {talk.with_suffix(f".{channel.value}.txt") for talk in TALKS for channel in Channel}
    assert set(TALKS[0].parent.glob("*.txt")) == known


@pytest.mark.parametrize("event", ["/silence", "/hangup", "/again", "/wait", "/case", "/call", "/first"])
def test_every_kind_of_event_is_in_a_conversation_of_either_language(event: str):
    scripts = [talk.read_text(encoding="utf-8") for talk in TALKS]
    having = {language_of(script) for script in scripts if event in script}
    assert having >= ({"en"} if event == "/call" else {"en", "es"})
