"""Who is asked by text whether it helped, and what the answer does to the conversation."""

from dataclasses import replace

import pytest

from flows import handling, survey
from flows.case import Outcome
from flows.events import Channel
from flows.step import Consent, Rate
from flows.urgency import Urgency
from tests.flows.builders import NOON, Talk, a_session, need, of, said
from tests.flows.escalation.line import ANA, at, new_case


def closed(outcome=Outcome.HANDED_OVER, **changes):
    before = replace(new_case(urgency=Urgency.SOON), contact_at=at(60), **changes)
    return before, handling.close(before, outcome, by=ANA, now=at(100))[0]


@pytest.mark.parametrize("outcome", [Outcome.HANDED_OVER, Outcome.REACHED_ELSEWHERE])
def test_who_wrote_with_us_and_was_reached_is_asked_once(outcome):
    before, after = closed(outcome)
    assert survey.wanted(before, after)
    assert not survey.wanted(after, after)
    assert not survey.wanted(before, before)


@pytest.mark.parametrize(
    "changes",
    [
        {"opted_out": True},
        {"quiet": True},
        {"consent": Consent.NO_CONTACT},
        {"channels": (Channel.VOICE,)},
        {"channels": (Channel.VOICE,), "consent": Consent.TEXT_ONLY},
        {"contact_at": None},
        {"rated": True},
        {"synthetic": True},
    ],
    ids=lambda changes: " ".join(map(str, changes)),
)
def test_nobody_else_is(changes):
    before, _ = closed()
    before = replace(before, **changes)
    assert not survey.wanted(before, handling.close(before, Outcome.HANDED_OVER, by=ANA, now=at(100))[0])


@pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.TRANSFERRED_911_988])
def test_nor_whoever_was_not_reached_or_is_with_911(outcome):
    assert not survey.wanted(*closed(outcome))


def test_the_conversation_asks_when_the_timer_rings_and_the_answer_ends_it():
    session = survey.to_be_asked(a_session(), new_case(), NOON)
    assert session.memory[survey.SURVEY] == "case1"
    talk = Talk(session=session)
    talk.text("hi")
    assert said(talk.ring(survey.SURVEY, version=talk.session.version - 1)) == []  # they have written meanwhile
    assert said(talk.ring(survey.SURVEY)) == ["survey"]
    step = talk.text("1")
    assert of(step, Rate) == [Rate(helped=True)]
    assert (said(step), need(step)) == (["bye"], None)
