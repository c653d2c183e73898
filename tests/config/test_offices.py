"""Opening hours as content: what callers hear when an office is closed, and faults told by place."""

from datetime import UTC, datetime

import pytest

from config import content
from config.content_compiler import ContentFaults
from flows import engine
from flows.events import Answered, Channel, Via
from tests.config.content_copy import ContentCopy

OPEN = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # Tuesday, 10:00 in Harrisburg
NIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HOLIDAY = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)


@pytest.fixture
def copy(tmp_path):
    return ContentCopy(tmp_path)


def hears(at, channel, loaded=None):
    flow = (loaded or content.load()).flow
    session = engine.begin(flow, id="s", caller_key="k", channel=channel, language="es", at=at)
    via = Via.TEXT if channel is Channel.SMS else Via.KEYS
    for n, key in enumerate(("9", "4", "1", "1")):
        done = engine.step(flow, session, Answered(f"e{n}", at, key, via))
        session = done.session
    return [prompt.message for prompt in done.prompts]


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize(
    ("at", "first"), [(OPEN, "contact"), (NIGHT, "office_closed"), (HOLIDAY, "office_holiday")], ids=str
)
def test_what_is_closed_is_said_before_staff_are_asked_to_get_in_touch(channel, at, first):
    assert hears(at, channel)[0] == first


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("message", ["office_closed", "office_holiday"])
def test_whoever_hears_that_the_office_is_closed_hears_that_the_line_is_not_and_the_key_for_a_person(message, language):
    forms = content.load().catalogue.messages[language][message]
    for text in (forms.sms, forms.voice):
        assert "0" in text
        assert ("day and night" if language == "en" else "día y noche") in text


def test_a_helpline_without_offices_needs_no_such_file(copy):
    copy.remove("offices.yaml")
    copy.change("nodes/answers.yaml", "      - {when: [{office: main, standing: open}], go: contact}\n", "")
    copy.change(
        "nodes/answers.yaml",
        "      - {when: [{office: main, standing: holiday}], go: office_holiday}\n",
        "      - {when: [{case: [none]}], go: office_holiday}\n",
    )
    assert hears(NIGHT, Channel.SMS, content.load(copy.directory))[0] == "office_holiday"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("America/New_York", "America/Nowhere", "time zone"),
        ('"08:00-17:00"', '"8-17"', "not written as it must be"),
        ("2026-12-25", "2026-13-25", "holidays"),
        ("monday", "mon", "offices main open"),
        ("  main:", "  other:", "there is none"),
    ],
)
def test_faults_say_what_is_wrong_and_where(copy, old, new, words):
    copy.change("offices.yaml", old, new)
    with pytest.raises(ContentFaults) as refused:
        content.load(copy.directory)
    assert words in str(refused.value)
    assert "office" in str(refused.value)
