"""What staff do to a case from the console, and what they may see of it."""

import pytest

from flows.case import CaseState, Outcome
from tests.console.desk import LOGIN, Desk, a_case, audit, letters
from tests.helpline.test_hang_ups import Caller

CALLER = "+12025550123"


def now(line, case):
    return line.services.store.case(case.id)


@pytest.fixture
def case(line):
    return a_case(line, CALLER)


def texts_only(line):
    """A caller in danger who wants texts only."""
    case = a_case(line, CALLER, "i want to die")
    line.text(CALLER, "3")
    assert now(line, case).may_text
    return case


def test_who_takes_a_case_has_it_and_the_second_is_told_who(ana, ben, case, line):
    assert ana.post(f"/console/cases/{case.id}/claim").location == f"/console/cases/{case.id}"
    assert now(line, case).owner == "ana"
    told = ben.post(f"/console/cases/{case.id}/claim", follow=True).text
    assert "Ana already has this case" in told
    assert now(line, case).owner == "ana"


def test_the_board_shows_level_code_and_who_has_it_and_nothing_of_the_caller(ana, ben, case, line):
    page = ben.get("/console/").text
    assert case.code in page
    assert "emergency" in page
    assert "wont wake up" not in page
    assert CALLER[-7:] not in page
    ana.post(f"/console/cases/{case.id}/claim")
    assert "<strong>Ana</strong>" in ben.get("/console/").text


def test_words_and_number_are_for_who_has_the_case_and_for_supervisors(ana, ben, carla, case, line):
    ana.post(f"/console/cases/{case.id}/claim")
    path = f"/console/cases/{case.id}"
    assert "wont wake up" in ana.get(path).text
    assert "wont wake up" in carla.get(path).text
    assert "wont wake up" not in ben.get(path).text
    assert "wont wake up" not in ben.get(f"{path}/parts").text
    assert ben.post(f"{path}/number").status_code == 404
    assert "202-555-0123" not in ana.get(path).text
    assert "202-555-0123" in ana.post(f"{path}/number").text
    assert {"what": "revealed_number", "staff": "ana", "case": case.id} in audit(line)


def test_a_case_is_passed_given_and_given_back(ana, ben, case, line):
    ana.post(f"/console/cases/{case.id}/pass")
    assert "ana" in now(line, case).passed
    ana.post(f"/console/cases/{case.id}/claim")
    ana.post(f"/console/cases/{case.id}/give", to="ben")
    assert now(line, case).owner == "ben"
    refused = ana.post(f"/console/cases/{case.id}/give", follow=True, to="carla").text
    assert "not yours" in refused
    ben.post(f"/console/cases/{case.id}/pass")
    assert now(line, case).waiting


def test_a_case_is_closed_by_a_word_about_how_it_ended(ana, ben, case, line):
    ana.post(f"/console/cases/{case.id}/claim")
    assert "still open" in ana.post(f"/console/cases/{case.id}/close", follow=True, outcome="").text
    ben.post(f"/console/cases/{case.id}/close", outcome="handed_over")
    assert not now(line, case).closed
    ana.post(f"/console/cases/{case.id}/close", outcome="handed_over")
    assert now(line, case).outcome is Outcome.HANDED_OVER
    assert now(line, case).closed_by == "ana"


def test_nobody_closes_in_the_callers_name(ana, case, line):
    ana.post(f"/console/cases/{case.id}/claim")
    ana.post(f"/console/cases/{case.id}/close", outcome="withdrawn_by_caller")
    assert not now(line, case).closed


def test_a_closed_case_opens_for_who_had_it_and_supervisors_only(ana, ben, carla, case):
    ana.post(f"/console/cases/{case.id}/claim")
    ana.post(f"/console/cases/{case.id}/close", outcome="handed_over")
    assert ana.get(f"/console/cases/{case.id}").status_code == 200
    assert carla.get(f"/console/cases/{case.id}").status_code == 200
    assert ben.get(f"/console/cases/{case.id}").status_code == 404


def test_what_is_written_goes_to_the_caller_and_the_bot_keeps_silent_until_it_is_given_back(ana, line):
    case = texts_only(line)
    ana.post(f"/console/cases/{case.id}/claim")
    ana.post(f"/console/cases/{case.id}/write", text="Hi, this is Ana. I am here.")
    (letter,) = [one for one in letters(line, CALLER) if one.kind == "chat"]
    assert letter.text == "Hi, this is Ana. I am here."
    assert now(line, case).chat
    assert now(line, case).state is CaseState.CONNECTED
    answer = line.text(CALLER, "ok i am here too")
    assert "<Message>" not in answer
    page = ana.get(f"/console/cases/{case.id}").text
    assert "ok i am here too" in page
    assert "Hi, this is Ana" in page
    ana.post(f"/console/cases/{case.id}/give-back")
    assert not now(line, case).chat


def test_a_danger_in_the_chat_still_gets_the_script_at_once(ana, line):
    case = texts_only(line)
    ana.post(f"/console/cases/{case.id}/claim")
    ana.post(f"/console/cases/{case.id}/write", text="I am here.")
    assert "911" in line.text(CALLER, "i took a whole bottle of pills")


def test_a_ready_answer_is_sent_in_the_callers_language(ana, line):
    line.text(CALLER, "español")
    line.text(CALLER, "me quiero morir, ayuda por favor")
    line.text(CALLER, "3")
    key = line.services.store.vault.caller_key(CALLER)
    case = line.services.store.transact(lambda tx: tx.case_of(key))
    assert case.language == "es"
    ana.post(f"/console/cases/{case.id}/claim")
    page = ana.get(f"/console/cases/{case.id}").text
    assert "Tómese su tiempo" in page
    ana.post(f"/console/cases/{case.id}/write", ready="ready_slow")
    assert "Tómese su tiempo" in letters(line, CALLER)[-1].text or any(
        "Tómese" in one.text for one in letters(line, CALLER)
    )


def test_only_the_owner_writes_and_only_to_who_may_be_texted(ana, ben, line):
    case = texts_only(line)
    ana.post(f"/console/cases/{case.id}/claim")
    assert "not yours" in ben.post(f"/console/cases/{case.id}/write", follow=True, text="hello").text
    line.text(CALLER, "STOP")
    said = ana.post(f"/console/cases/{case.id}/write", follow=True, text="hello").text
    assert "may not be texted" in said
    assert [one for one in letters(line, CALLER) if one.kind == "chat"] == []


def test_a_note_is_kept_and_read_by_the_next(ana, carla, case):
    ana.post(f"/console/cases/{case.id}/claim")
    ana.post(f"/console/cases/{case.id}/note", text="Sister is on her way.")
    assert "Sister is on her way." in carla.get(f"/console/cases/{case.id}").text


def test_words_are_shown_as_words_and_never_run(ana, line):
    case = a_case(line, CALLER, "i want to die <script>alert(1)</script>")
    ana.post(f"/console/cases/{case.id}/claim")
    page = ana.get(f"/console/cases/{case.id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_sign_in_that_ran_out_in_the_middle_of_a_claim_changes_and_shows_nothing(ana, case, line):
    ana.get(f"/console/cases/{case.id}")
    line.clock.forward(hours=15)
    answer = ana.post(f"/console/cases/{case.id}/claim", back=f"/console/cases/{case.id}")
    assert answer.status_code == 401
    assert "Nothing was changed" in answer.text
    assert case.code not in answer.text
    assert now(line, case).owner is None
    again = Desk(line, ana.client).sign_in()
    assert again.get("/console/").status_code == 200


def test_after_it_ran_out_one_comes_back_to_the_case(ana, case, line):
    line.clock.forward(hours=15)
    ana.post(f"/console/cases/{case.id}/claim", back=f"/console/cases/{case.id}")
    ana.get(LOGIN)
    ana.post(LOGIN, phone="+17175550111")
    from tests.console.desk import code_sent

    done = ana.post("/console/code", code=code_sent(line, "+17175550111"))
    assert done.location == f"/console/cases/{case.id}"


def test_what_was_typed_when_it_ran_out_is_given_back_to_copy(ana, case, line):
    line.clock.forward(hours=15)
    answer = ana.post(f"/console/cases/{case.id}/note", text="Mother called back at 3.")
    assert "Mother called back at 3." in answer.text


def test_a_form_without_our_token_does_nothing(ana, case, line):
    ana.token = "forged"
    ana.post(f"/console/cases/{case.id}/claim")
    assert now(line, case).owner is None


def test_every_view_and_action_is_in_the_audit_trail(ana, case, line):
    ana.get("/console/")
    ana.get(f"/console/cases/{case.id}")
    ana.post(f"/console/cases/{case.id}/claim")
    ana.post(f"/console/cases/{case.id}/close", outcome="handed_over")
    mine = [row["what"] for row in audit(line) if row.get("staff") == "ana"]
    for what in ("viewed_board", "viewed_case", "claim", "close"):
        assert what in mine


def test_an_update_is_empty_until_something_changed(ana, case, line):
    page = ana.get("/console/board/rows")
    since = page.headers["X-Console-Changes"]
    assert case.code in page.text
    assert ana.get("/console/board/rows", query_string={"since": since}).status_code == 204
    other = a_case(line, "+12025550124")
    assert other.code in ana.get("/console/board/rows", query_string={"since": since}).text


def test_a_spoken_message_is_played_to_who_has_the_case_and_that_is_written_down(ana, ben, case, line):
    line.services.store.transact(lambda tx: tx.put_voicemail("RE1", case.id, b"RIFF-sound"))
    ana.post(f"/console/cases/{case.id}/claim")
    path = f"/console/cases/{case.id}/voicemail/0"
    assert path in ana.get(f"/console/cases/{case.id}").text
    assert ana.get(path).data == b"RIFF-sound"
    assert ana.get(path).mimetype == "audio/wav"
    assert ben.get(path).status_code == 404
    assert ana.get(path.replace("/0", "/1")).status_code == 404
    assert "played_voicemail" in [row["what"] for row in audit(line)]


def test_earlier_cases_of_the_same_caller_are_listed(ana, case, line):
    ana.post(f"/console/cases/{case.id}/claim")
    ana.post(f"/console/cases/{case.id}/close", outcome="handed_over")
    later = a_case(line, CALLER, "i want to die")
    ana.post(f"/console/cases/{later.id}/claim")
    page = ana.get(f"/console/cases/{later.id}").text
    assert "Earlier cases of this caller" in page
    assert case.code in page


def test_when_else_the_caller_reached_the_line_is_listed_for_who_has_the_case(ana, ben, line):
    Caller(line, CALLER).presses("1").hangs_up()
    case = a_case(line, CALLER)
    ana.post(f"/console/cases/{case.id}/claim")
    page = ana.get(f"/console/cases/{case.id}").text
    listed = page[page.index("Other contacts of this caller") : page.index("What happened")]
    assert listed.count("<li>") == 1
    assert "call · 2 turns" in listed
    assert "Other contacts" not in ben.get(f"/console/cases/{case.id}").text
