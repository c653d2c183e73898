"""What staff can do by text, each on the real application over a real Redis."""

import re

import pytest

from flows import handling
from flows.case import CaseState, Outcome
from flows.roster import Contact
from flows.step import Consent
from helpline.outbox import Job
from tests.helpline.inside import inside

ANA, BEN, CARLA = "+17175550111", "+17175550112", "+17175550113"
DANGER = "my friend took too much and wont wake up"


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    with inside(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(autouse=True)
def _nothing_kept(line):
    line.redis.flushall()


NUMBERS = iter(range(200, 900))


class Person:
    def __init__(self, line, number=None):
        self.line, self.number = line, number or f"+1202555{next(NUMBERS):04d}"

    def says(self, body, **more):
        return " ".join(re.findall(r"<Message>(.*?)</Message>", self.line.text(self.number, body, **more), re.DOTALL))


def planned(line):
    for case in line.services.store.open_cases():
        line.services.dispatch.advance(case.id)


@pytest.fixture
def ana(line):
    return Person(line, ANA)


@pytest.fixture
def ben(line):
    return Person(line, BEN)


@pytest.fixture
def a_case(line):
    def begin(words=DANGER):
        caller = Person(line)
        before = {case.id for case in line.services.store.open_cases()}
        caller.says(words)
        (case,) = [one for one in line.services.store.open_cases() if one.id not in before]
        planned(line)
        return caller, case

    return begin


def now_of(line, case):
    return line.services.store.case(case.id)


def letters(line):
    """To whom and what: every letter not yet carried."""
    ids = [raw.decode().removeprefix("letter:") for raw in line.redis.keys("letter:*")]
    found = [line.services.post.letter(one) for one in sorted(ids)]
    return [(one.to, one.text) for one in found if one is not None and not one.sent]


def test_one_takes_it_and_done_closes_it(line, ana, a_case):
    _, case = a_case()
    assert f"{case.code} is yours" in ana.says("1")
    assert now_of(line, case).owner == "ana"
    assert "DONE 1" in ana.says("done")
    assert f"{case.code} is closed" in ana.says("DONE 1")
    assert now_of(line, case).outcome is Outcome.HANDED_OVER


def test_two_passes_and_from_the_owner_gives_the_case_back(line, ana, a_case):
    _, case = a_case()
    assert "Others are being asked" in ana.says("2")
    assert "ana" in now_of(line, case).passed
    ana.says(f"1 {case.code}")
    assert "open again" in ana.says(f"PASS {case.code}")
    assert now_of(line, case).state is CaseState.PAGING


def test_a_case_is_given_to_a_colleague_by_name(line, ana, ben, a_case):
    _, case = a_case()
    ana.says("1")
    assert "belongs to Ben" in ana.says(f"GIVE {case.code} ben")
    assert now_of(line, case).owner == "ben"
    assert "no such colleague" in ben.says(f"GIVE {case.code} nobody")
    assert now_of(line, case).owner == "ben"


def test_somebody_elses_case_is_not_given_passed_nor_called(line, ana, ben, a_case):
    _, case = a_case()
    ana.says("1")
    for words in (f"GIVE {case.code} Carla", f"CALL {case.code}"):
        assert "not yours" in ben.says(words)
    assert "not closed" in ben.says(f"DONE {case.code} 1")
    assert now_of(line, case).owner == "ana"


def test_call_has_both_rung_now(line, ana, a_case):
    _, case = a_case()
    ana.says("1")
    assert "calling you now" in ana.says(f"CALL {case.code}")
    assert now_of(line, case).next_try_at == line.clock()


def test_list_shows_what_is_open_newest_danger_first_and_who_has_it(line, ana, a_case):
    assert "No case is open" in ana.says("LIST")
    _, first = a_case()
    line.clock.forward(seconds=10)
    _, second = a_case()
    ana.says(f"1 {first.code}")
    said = ana.says("list")
    assert said.index(second.code) < said.index(first.code)
    assert f"{first.code} EMERGENCY Ana" in said


def test_a_bare_answer_with_two_open_is_asked_which(line, ana, a_case):
    _, first = a_case()
    _, second = a_case()
    said = ana.says("1")
    assert first.code in said
    assert second.code in said
    assert now_of(line, first).owner is None
    assert now_of(line, second).owner is None


def test_a_code_alone_says_how_the_case_stands(line, ana, ben, a_case):
    _, case = a_case()
    assert "waits" in ana.says(case.code)
    ana.says("1")
    assert "is yours" in ana.says(case.code)
    assert "Ana already has" in ben.says(case.code)


def test_off_takes_somebody_off_call_at_once_and_on_brings_them_back(line, ana):
    roster = line.services.roster
    assert "ana" in {one.id for one in roster.now().staff}
    said = ana.says("OFF 2h")
    assert "no pages until" in said
    assert "Nobody else is on primary" in said
    assert who_is_on(line) == ()
    assert any(to == CARLA and "nobody is on primary" in text for to, text in letters(line))
    line.clock.forward(hours=1, minutes=59)
    assert who_is_on(line) == ()
    line.clock.forward(minutes=2)
    assert who_is_on(line) == ("ana",)
    ana.says("off 1 day")
    assert "pages again" in ana.says("ON")
    assert who_is_on(line) == ("ana",)


def who_is_on(line):
    from flows.roster import on_call

    return on_call(line.services.roster.now(), line.clock())


def test_off_without_a_time_is_asked_for_how_long(ana, line):
    assert "For how long" in ana.says("OFF")
    assert who_is_on(line) == ("ana",)


def test_who_names_everybody_on_call(ana):
    said = ana.says("WHO")
    assert "primary: Ana" in said
    assert "backup: Ben" in said


def test_help_names_the_words(ana):
    said = ana.says("HELP")
    assert all(word in said for word in ("1", "2", "DONE", "CALL", "GIVE", "LIST", "OFF", "ON", "WHO"))


def test_stop_from_staff_raises_an_alarm_and_leaves_calls_only_until_start(line, ana):
    ana.says("STOP")
    assert line.services.roster.now().staff_member("ana").contact == (Contact.CALL,)
    assert any(to == CARLA and "Ana wrote STOP" in text for to, text in letters(line))
    ana.says("START")
    assert Contact.SMS in line.services.roster.now().staff_member("ana").contact


def test_the_same_command_twice_is_one(line, ana, a_case):
    _, case = a_case()
    sid = line.sid("SM")
    first = line.text(ANA, "1", MessageSid=sid)
    version = now_of(line, case).version
    assert line.text(ANA, "1", MessageSid=sid) == first
    assert now_of(line, case).version == version


def test_commands_from_a_strange_number_are_a_callers_text(line, a_case):
    _, case = a_case()
    stranger = Person(line)
    said = stranger.says(f"1 {case.code}")
    assert "yours" not in said
    assert now_of(line, case).owner is None


# -- words between owner and caller -------------------------------------------------------------------------------


@pytest.fixture
def writing(line, ana, a_case):
    """A caller who wants texts only, and Ana who has the case."""
    caller, case = a_case()
    caller.says("text only")

    line.services.dispatch.change(case.id, lambda c, now: handling.give_consent(c, Consent.TEXT_ONLY, now))
    assert "write here" in ana.says(f"1 {case.code}").lower()
    return caller, case


def test_the_owners_words_go_to_the_caller_from_the_helplines_number_and_count_as_contact(line, ana, writing):
    caller, case = writing
    assert ana.says("Hello, this is Ana. Are you safe?") == ""
    assert (caller.number, "Hello, this is Ana. Are you safe?") in letters(line)
    after = now_of(line, case)
    assert after.state is CaseState.CONNECTED
    assert after.contact_at is not None


def test_the_callers_words_go_to_the_owner_and_the_bot_is_silent(line, ana, writing):
    caller, case = writing
    ana.says("Are you there?")
    assert caller.says("yes i am here now") == ""
    assert (ANA, "yes i am here now") in letters(line)
    words = [entry.detail["text"] for entry in line.services.store.timeline(case.id) if "text" in entry.detail]
    assert "Are you there?" in words
    assert "yes i am here now" in words
    assert not any(caller.number in text for _, text in letters(line))


def test_with_two_callers_the_code_says_whose_words_they_are(line, ana, a_case, writing):
    caller, case = writing
    other, second = a_case()
    ana.says(f"1 {second.code}")
    assert "Begin your text with the code" in ana.says("Are you alone?")
    ana.says(f"{case.code.lower()} Are you alone?")
    assert (caller.number, "Are you alone?") in letters(line)
    caller.says("yes alone in my room")
    assert (ANA, f"{case.code}: yes alone in my room") in letters(line)
    assert not any(to == other.number for to, _ in letters(line))


def test_a_caller_who_opted_out_gets_no_words_and_the_owner_is_told(line, ana, writing):
    caller, case = writing

    line.services.dispatch.change(case.id, handling.opt_out)
    assert "gets no texts" in ana.says("Are you there?")
    assert not any(to == caller.number for to, _ in letters(line))


def test_words_when_nothing_is_theirs_are_not_lost_on_anybody(line, ana, a_case):
    a_case()
    assert "did not understand" in ana.says("on my way to the office")


def test_a_relayed_text_is_rung_for_at_once(line, ana, writing):
    ana.says("Are you there?")
    from rq import Queue
    from rq.serializers import JSONSerializer

    jobs = [
        job.func_name
        for queue in ("urgent", "default")
        for job in Queue(queue, connection=line.redis, serializer=JSONSerializer).jobs
    ]
    assert Job.POST.value in jobs


def test_each_supervisor_is_told_once_a_day_when_nobody_will_be_on_call(line, ana):
    line.services.chores.begin()
    line.services.duty.tell_gaps()
    assert letters(line) == []
    ana.says("OFF 3 days")
    before = len(letters(line))
    line.services.duty.tell_gaps()
    told = letters(line)[before:] or letters(line)
    assert any(to == CARLA and "nobody is on call for primary" in text for to, text in told)
    due = line.redis.zscore("due", "chore|gaps") / 1000
    assert 0 < due - line.clock().timestamp() <= 24 * 3600


def test_whoever_takes_a_case_of_texts_only_by_a_key_hears_that_they_are_to_write(line, a_case):
    """They used to be led into a room, to hear that the caller had hung up, and could close the case for it."""
    caller, case = a_case()
    line.services.dispatch.change(case.id, lambda c, now: handling.give_consent(c, Consent.TEXT_ONLY, now))
    line.services.dispatch.advance(case.id)
    page = next(one for one in now_of(line, case).pages if one.channel is Contact.CALL)
    form = {"CallSid": line.sid("CA"), "From": line.settings.helpline_number, "Digits": "1"}
    said = line.post(f"/twilio/staff/key?p={page.id}", form).get_data(as_text=True)
    assert "wants texts only" in said
    assert "Conference" not in said
    after = now_of(line, case)
    assert (after.owner, after.bridge) == (page.staff_id, None)
    assert caller.number not in said
