"""A telephone that answers every text by itself is answered in the end no more; a person, however often, always is."""

import itertools

import pytest
from lxml import etree

from flows.case import ClaimVia, Hearer, NoticeKind
from flows.roster import StaffId
from helpline.limits import Most
from helpline.store.measures import hour_of
from tests.helpline.inside import one_line, somebody  # noqa: F401  fixtures
from tests.helpline.stored import tells, values

CALLER = "+12025550123"
AUTO = {
    "en": "I'm driving right now. I'll get back to you later.",
    "es": "Estoy conduciendo ahora. Le contesto más tarde.",
}
MOST = Most().same_words_in_a_row
ONCE = {"en": "answer it less often", "es": "contesto menos"}


pytestmark = pytest.mark.usefixtures("number")


def texted(line, body, **more):
    """What comes back as texts, a few seconds later."""
    line.clock.forward(seconds=4)
    return " ".join(etree.fromstring(line.text(CALLER, body, **more).encode()).itertext())


def case_of(line):
    key = line.services.store.vault.caller_key(CALLER)
    return line.services.store.transact(lambda tx: tx.case_of(key))


def loops(line, body, most=40):
    """An autoresponder: it says the same to every answer; gives the answers until one does not come."""
    answers = itertools.takewhile(bool, (texted(line, body) for _ in range(most)))
    return list(answers)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_loop_ends_after_six_answers_of_which_the_last_says_how_to_reach_a_person(line, language):
    if language == "es":
        caller_chose_spanish(line)
    answers = loops(line, AUTO[language])
    assert len(answers) == MOST
    assert ONCE[language] in answers[-1]
    assert "911" in answers[-1]
    assert "988" in answers[-1]
    assert " 0." in answers[-1]
    assert not any(ONCE[language] in answer for answer in answers[:-1])


def caller_chose_spanish(line):
    """In an earlier hour: what they have sent in this one counts."""
    texted(line, "hola")
    texted(line, "3")
    line.clock.forward(hours=1)


def test_by_then_a_human_is_asked_for_them_and_every_text_is_accounted_for(line):
    sids = [line.sid("SM") for _ in range(MOST + 3)]
    given = [texted(line, AUTO["en"], MessageSid=sid) for sid in sids]
    assert case_of(line).waiting
    again = [texted(line, AUTO["en"], MessageSid=sid) for sid in sids[MOST - 2 :]]
    assert again == given[MOST - 2 :], "the carrier asks again for the last whole answer and all after it"
    assert line.services.store.seen(sids) == frozenset(sids)
    (counts,) = line.services.console.counts((hour_of(line.clock()),))
    assert (counts["short.repeated.sms"], counts["short.hushed.sms"]) == ("1", "3")


@pytest.mark.parametrize(
    "body",
    [
        "i want to die right now",
        "he is hitting me again please",
        "my friend wont wake up please",
        "quiero morir ya por favor",
        "i need to talk to someone",
        "please can i talk to a person",
        "quiero hablar con una persona",
    ],
)
def test_danger_and_a_wish_for_a_person_are_answered_each_time_and_have_a_case(line, body):
    assert len(loops(line, body, 30)) == 30
    assert case_of(line) is not None


@pytest.mark.parametrize(
    "body", ["please", "hello", "hola", "help", "help me", "por favor", "i'm scared", "??", "1", "menu"]
)
def test_who_sends_a_word_or_two_again_and_again_is_answered_each_time(line, body):
    assert len(loops(line, body, 30)) == 30


def test_who_has_said_anything_else_in_this_hour_is_answered_each_time(line):
    texted(line, "hi")
    assert len(loops(line, "he is outside the door", 30)) == 30


@pytest.mark.parametrize("body", ["i cant do this anymore", "i dont want to be here", "ya no puedo mas con esto"])
def test_what_may_be_danger_is_answered_each_time(line, body):
    assert len(loops(line, body, 30)) == 30


def test_who_is_in_danger_is_answered_each_time_whatever_they_repeat(line):
    texted(line, "i took all the pills")
    line.clock.forward(hours=1)
    assert case_of(line).dangers
    assert len(loops(line, "are you still there now", 30)) == 30


@pytest.mark.parametrize("before", ["0", "i cant do this anymore"])
def test_who_asked_for_a_person_or_was_asked_about_danger_in_an_earlier_hour_is_answered_each_time(line, before):
    texted(line, before)
    line.clock.forward(hours=1)
    assert len(loops(line, "are you still there now", 30)) == 30


def test_what_is_said_to_a_human_reaches_them_each_time(line):
    for _ in range(3):
        texted(line, AUTO["en"])
    case = case_of(line)
    line.services.dispatch.claim(case.id, StaffId("ana"), via=ClaimVia.SMS, call="")
    before = relayed(line, case)
    for _ in range(MOST * 2):
        texted(line, AUTO["en"])
    assert relayed(line, case) - before == MOST * 2


def relayed(line, case):
    return sum(one.who == "caller" for one in line.services.console.words(case.id))


def test_a_question_that_is_understood_is_answered_each_time(line):
    assert len(loops(line, "is ketamine an opioid or not", 20)) == 20


@pytest.mark.parametrize("other", ["hello", "0", "I'm driving right now.", "i want to die"])
def test_anything_else_is_answered_at_once(line, other):
    assert len(loops(line, AUTO["en"])) == MOST
    assert texted(line, other)
    assert texted(line, AUTO["en"])


def test_after_ten_minutes_the_same_is_answered_again_once(line):
    assert len(loops(line, AUTO["en"])) == MOST
    assert not texted(line, AUTO["en"])
    line.clock.forward(minutes=10)
    assert ONCE["en"] in texted(line, AUTO["en"])
    assert not texted(line, AUTO["en"])


def test_the_last_answer_comes_again_when_the_carrier_asks_again_for_it(line):
    for _ in range(MOST - 1):
        texted(line, AUTO["en"])
    sid = line.sid("SM")
    first = texted(line, AUTO["en"], MessageSid=sid)
    assert ONCE["en"] in first
    assert texted(line, AUTO["en"], MessageSid=sid) == first
    assert not texted(line, AUTO["en"])


def test_who_gets_no_answer_is_still_told_how_things_stand(line):
    """What the policy says at its times is no answer, and comes all the same."""
    loops(line, AUTO["en"])
    case = case_of(line)
    line.services.dispatch.advance(case.id)
    for page in case_of(line).pages:
        line.services.dispatch.leased(case.id, page.id, "t")
        line.services.dispatch.page_status(case.id, page.id, sid=line.sid("SM"), status="delivered", error="")
    (alerted,) = [one for one in case_of(line).notices if one.to is Hearer.CALLER]
    line.services.dispatch.told(case.id, alerted.id)
    line.clock.forward(seconds=300)
    line.services.dispatch.advance(case.id)
    assert {notice.kind for notice in case_of(line).notices if notice.to is Hearer.CALLER} == {NoticeKind.STILL_TRYING}


def test_their_words_stand_nowhere_in_the_counters(line):
    loops(line, AUTO["en"])
    raw = [value.raw for value in values(line.redis) if value.key.startswith("rate:")]
    assert raw
    assert not [one for one in raw if list(tells(one, ["driving", CALLER]))]
