"""The call-me form: nobody is paged before the number has given its code; then it is a case like any other."""

import pytest

from flows.step import Consent
from flows.urgency import Urgency
from tests.console.desk import Desk, code_sent, letters

CALLER = "+17175550161"
FILLED = {"phone": "717 555 0161", "how": "call_only", "consent": "1"}


@pytest.fixture
def page(line):
    return Desk(line, line.app.test_client())


def sent(page, **changes):
    page.get("/contact/")
    return page.post("/contact/", **{**FILLED, **changes})


def case_of(line, number=CALLER):
    key = line.services.store.vault.caller_key(number)
    return line.services.store.transact(lambda tx: tx.case_of(key))


def confirmed(page, line, **changes):
    assert sent(page, **changes).status_code == 303
    return page.post("/contact/code", code=code_sent(line, CALLER))


def test_911_and_988_stand_before_everything_else(page):
    for language in ("en", "es"):
        text = page.get("/contact/", query_string={"lang": language}).text
        body = text[text.index("<body") :]
        assert body.index("911") < body.index("<form")
        assert body.index("988") < body.index("<form")


def test_nobody_is_paged_before_the_code_is_given(page, line):
    sent(page)
    assert case_of(line) is None
    assert page.post("/contact/code", code="000001").status_code == 303
    assert case_of(line) is None


def test_the_code_opens_a_case_with_what_was_asked_for(page, line, ana):
    done = confirmed(page, line, name="Sam", times="after 6 pm", about="my son drinks")
    assert "Staff have been told" in done.text
    case = case_of(line)
    assert case.urgency is Urgency.SOON
    assert case.consent is Consent.CALL_ONLY
    assert line.services.store.caller(case.caller_key).number == CALLER
    ana.post(f"/console/cases/{case.id}/claim")
    read = ana.get(f"/console/cases/{case.id}").text
    for words in ("Sam", "after 6 pm", "my son drinks", "asked for a call on the web form"):
        assert words in read


def test_danger_in_the_words_raises_the_case_and_answers_at_once(page, line):
    done = confirmed(page, line, about="i took a whole bottle of pills and want to die")
    assert case_of(line).urgency is Urgency.EMERGENCY
    assert done.text.count("911") > 1


def test_a_caller_with_an_open_case_gets_no_second_one(page, line):
    line.text(CALLER, "i want to die")
    first = case_of(line)
    confirmed(page, line, about="please call")
    assert case_of(line).id == first.id
    assert case_of(line).urgency >= first.urgency


def test_the_ledger_says_that_staff_owe_an_answer(page, line):
    confirmed(page, line)
    (contact,) = [one for _, one in line.services.store.open_contacts() if one is not None]
    assert contact.case_id == case_of(line).id


@pytest.mark.parametrize("number", ["911", "988", "+1 900 555 0123", "+44 20 7946 0000", "x", "", "717 555 0100"])
def test_a_number_the_line_may_not_reach_gets_no_code(page, line, number):
    answer = sent(page, phone=number)
    assert answer.status_code == 422
    assert list(line.redis.scan_iter("letter:*")) == []


def test_without_consent_nothing_is_sent(page, line):
    assert sent(page, consent="").status_code == 422
    assert sent(page, how="shout").status_code == 422
    assert letters(line, CALLER) == []


def test_what_was_typed_is_still_there_after_a_mistake(page):
    assert "my son drinks" in sent(page, phone="x", about="my son drinks").text


def test_one_number_is_sent_at_most_three_codes_a_day(line):
    for _ in range(5):
        sent(Desk(line, line.app.test_client()))
    assert len(letters(line, CALLER)) == 3


def test_whoever_opted_out_of_texts_is_not_texted(page, line):
    line.text(CALLER, "STOP")
    sent(page)
    assert letters(line, CALLER) == []


def test_a_snippet_on_another_site_only_fills_the_form_in(line):
    stranger = line.app.test_client()
    answer = stranger.post("/contact/", data={**FILLED, "about": "from our site"})
    assert answer.status_code == 422
    assert "from our site" in answer.text
    assert letters(line, CALLER) == []


def test_number_and_words_are_nowhere_in_the_clear(page, line):
    confirmed(page, line, about="planted canary words")
    for name in line.redis.scan_iter("*"):
        raw = line.redis.dump(name)
        assert b"7175550161" not in raw
        assert b"planted canary" not in raw
    assert "7175550161" not in line.services.settings.public_url


def test_the_spanish_form_texts_in_spanish(page, line):
    page.get("/contact/", query_string={"lang": "es"})
    page.post("/contact/?lang=es", **FILLED)
    assert "Su código" in letters(line, CALLER)[0].text


@pytest.mark.parametrize(("lang", "words"), [("en", "nothing at this address"), ("es", "No hay nada")])
def test_an_address_that_is_none_says_so_below_the_numbers_for_help(desk, lang, words):
    page = desk.get("/contact/nothing-here", query_string={"lang": lang})
    assert page.status_code == 404
    assert words in page.text
    assert page.text.index("988") < page.text.index(words)


def test_too_many_requests_from_one_address_are_answered_with_the_numbers_for_help(desk):
    desk.get("/contact/?lang=es")
    answers = [desk.post("/contact/?lang=es", phone="1") for _ in range(12)]
    assert answers[-1].status_code == 429
    assert "Demasiados intentos" in answers[-1].text
    assert "911" in answers[-1].text


def test_times_that_are_ticked_are_kept_to_by_the_line_itself(page, line, ana):
    confirmed(page, line, safe=["morning", "evening", "made_up"])
    case = case_of(line)
    assert [(one.opens, one.closes) for one in case.safe_times] == [("08:00", "12:00"), ("17:00", "21:00")]
    assert case.call_from(line.clock.now) > line.clock.now, "it is 22:00 there"
    ana.post(f"/console/cases/{case.id}/claim")
    assert "08:00-12:00" in ana.get(f"/console/cases/{case.id}").text


def test_an_open_case_learns_the_times_and_none_ticked_leaves_what_was_known(page, line):
    line.text(CALLER, "i want to die")
    confirmed(page, line, safe=["afternoon"])
    assert [one.opens for one in case_of(line).safe_times] == ["12:00"]
    before = case_of(line).safe_times
    confirmed(page, line)
    assert case_of(line).safe_times == before
    kept = [one.detail for one in line.services.store.timeline(case_of(line).id)]
    assert {"safe_times": "12:00-17:00"} in [dict(one) for one in kept]


def test_what_was_ticked_is_still_ticked_after_a_mistake(page):
    answer = sent(page, phone="1", safe=["evening"])
    assert 'name="safe" value="evening" checked' in answer.text
