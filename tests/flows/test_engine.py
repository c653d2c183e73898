"""What a conversation does, in the order in which an answer is looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows import engine, walking
from flows.events import Answered, Channel
from flows.nodes import Ask, Choice, Say
from flows.session import CaseView, Session
from flows.step import (
    CaseNote,
    Consent,
    GiveConsent,
    OptIn,
    OptOut,
    Prompt,
    Relay,
    Remember,
    Timer,
    Wait,
    Withdraw,
)
from flows.urgency import Urgency
from tests.flows.builders import ENGLISH, FLOW, NOON, PLACES, SPANISH, Talk, a_flow, a_session, need, of, said


def timers(step):
    return {timer.name: timer.after for timer in of(step, Timer)}


# --- beginning


def test_a_first_text_is_greeted_with_the_menu():
    talk = Talk()
    step = talk.text("hi there")
    assert said(step) == ["welcome", "menu"]
    assert step.session.version == 1
    assert step.listen.wait is Wait.ANSWER


def test_a_call_is_greeted_with_the_same_menu():
    talk = Talk(Channel.VOICE)
    assert said(talk.call()) == ["welcome", "menu"]


def test_a_language_the_content_lacks_becomes_the_default():
    session = engine.begin(FLOW, id="s", caller_key="c", channel=Channel.SMS, language="fr", at=NOON)
    assert session.language == "en"
    assert engine.begin(FLOW, id="s", caller_key="c", channel=Channel.SMS, language="es", at=NOON).language == "es"


def test_a_digit_as_the_first_text_is_no_answer_to_a_menu_nobody_has_seen():
    assert said(Talk().text("1")) == ["welcome", "menu"]


def test_a_key_as_the_first_event_is_greeted():
    assert said(Talk(Channel.VOICE).press("7")) == ["welcome", "menu"]


def test_menu_back_and_repeat_in_a_first_text_are_a_greeting():
    for text in ("menu", "back", "repeat"):
        assert said(Talk().text(text)) == ["welcome", "menu"]


def test_a_question_in_the_first_text_is_answered_at_once():
    talk = Talk()
    assert said(talk.text("how do I tie a bowline knot?")) == ["welcome", "knots", "menu"]


def test_a_person_asked_for_in_the_first_text_is_asked_for():
    step = Talk().text("call")
    assert need(step).reason == "asked"
    assert step.listen.wait is Wait.HOLD


def test_help_in_the_first_text_explains_and_greets():
    assert said(Talk().text("help")) == ["help", "welcome", "menu"]


# --- danger


def test_danger_in_the_first_text_comes_before_everything():
    talk = Talk()
    step = talk.text("my boat sinking")
    assert said(step) == ["sinking", "contact"]
    assert need(step) == need(step).__class__(Urgency.EMERGENCY, "danger", ("overdose",))
    assert step.effects[0] is need(step)
    assert CaseNote("words", "my boat sinking") in step.effects
    assert step.session.urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("node", sorted(FLOW.nodes))
def test_danger_is_heard_at_every_node_in_text_and_speech(node):
    for say in (Talk.text, Talk.speak):
        talk = Talk(session=a_session(node=node, version=3, turns=3))
        step = say(talk, "boat sinking")
        assert said(step)[0] == "sinking"
        assert need(step).urgency is Urgency.EMERGENCY


def test_a_script_without_a_follow_up_repeats_the_question():
    talk = Talk()
    talk.text("hi")
    talk.text("1")
    assert said(talk.text("boat leaking")) == ["leaking", "q1"]


def test_danger_in_another_language_is_answered_in_it():
    talk = Talk()
    step = talk.text("el barco se hunde")
    assert step.prompts[0] == Prompt("sinking", "es")


def test_danger_and_opt_out_together_send_the_script_and_say_how_to_stop():
    step = Talk().text("no more texts boat sinking")
    assert said(step) == ["sinking", "stop_hint", "contact"]
    assert not of(step, OptOut)


def test_a_script_the_content_lacks_still_gets_its_words_out():
    talk = Talk(flow=a_flow(scripts={}))
    step = talk.text("boat sinking")
    assert said(step)[0] == "sinking"
    assert need(step).urgency is Urgency.EMERGENCY


def test_danger_without_a_script_leads_to_the_direct_question():
    talk = Talk()
    step = talk.text("mast broken")
    assert said(step) == ["q1"]
    assert need(step).urgency is Urgency.URGENT


def test_danger_that_may_be_more_is_asked_about_after_the_script():
    step = Talk().text("very wet")
    assert said(step) == ["wet", "q1"]
    assert need(step).urgency is Urgency.URGENT


def test_what_may_be_danger_is_asked_about_once_then_a_person_comes():
    talk = Talk()
    step = talk.text("quite damp")
    assert said(step) == ["q1"]
    assert need(step) is None
    assert said(talk.text("quite damp")) == ["q1_again"]
    talk.text("0")
    step = talk.text("quite damp")
    assert need(step).urgency is Urgency.URGENT
    assert step.session.node == "person"


def test_keys_are_never_screened():
    talk = Talk(Channel.VOICE)
    talk.call()
    assert need(talk.press("1")) is None


# --- opt-out, opt-in, help


def test_opting_out_is_confirmed_once_and_ends_the_conversation():
    talk = Talk()
    talk.text("hi")
    step = talk.text("STOP")
    assert said(step) == ["stopped"]
    assert of(step, OptOut) == [OptOut(confirmed_elsewhere=False)]
    assert step.listen.wait is Wait.END
    assert not of(step, Timer)


def test_what_the_carrier_answered_is_not_answered_again():
    talk = Talk()
    talk.text("hi")
    step = talk.text("STOP", carrier="STOP")
    assert said(step) == []
    assert of(step, OptOut) == [OptOut(confirmed_elsewhere=True)]
    assert said(talk.text("HELP", carrier="HELP")) == []
    step = talk.text("UNSTOP", carrier="START")
    assert said(step) == ["menu"]
    assert of(step, OptIn) == [OptIn()]
    assert said(talk.text("1", carrier="WHATEVER")) == ["q1"]


def test_start_turns_texts_on_again():
    talk = Talk()
    talk.text("STOP")
    step = talk.text("START")
    assert said(step) == ["started", "menu"]
    assert of(step, OptIn)


def test_start_leads_back_to_the_person_who_is_awaited():
    talk = Talk()
    talk.text("call")
    talk.case().text("STOP")
    assert said(talk.text("START")) == ["started", "waiting"]


def test_writing_after_an_opt_out_is_answered():
    talk = Talk()
    talk.text("STOP")
    assert said(talk.text("hello")) == ["welcome", "menu"]


def test_opting_out_in_danger_closes_nothing():
    talk = Talk()
    talk.text("boat sinking")
    step = talk.case().text("stop")
    assert not of(step, Withdraw)
    assert talk.session.urgency is Urgency.EMERGENCY


def test_texts_stopped_or_begun_again_elsewhere_are_known_in_the_conversation():
    stopped = a_session().with_texts_stopped(True)
    assert stopped.memory["stopped"]
    assert stopped.with_texts_stopped(True) == stopped
    assert stopped.with_texts_stopped(False) == a_session() == a_session().with_texts_stopped(False)


def test_opt_out_words_count_only_in_texts():
    talk = Talk(Channel.VOICE)
    talk.call()
    assert not of(talk.speak("stop"), OptOut)


# --- asked for at every question


@pytest.mark.parametrize("node", sorted(FLOW.nodes))
def test_a_person_can_be_asked_for_at_every_node(node):
    for text in ("call", "talk to someone", "person", "persona"):
        talk = Talk(session=a_session(node=node, version=3, turns=3))
        step = talk.text(text)
        assert step.session.node == "person", (node, text)
        assert need(step).urgency >= Urgency.URGENT


def test_zero_is_a_person_unless_the_question_uses_it():
    talk = Talk()
    talk.text("hi")
    assert said(talk.text("0")) == ["person"]
    talk = Talk(session=a_session(node="q1", version=2, turns=2))
    assert said(talk.press("0")) == ["q2"]
    talk = Talk(session=a_session(node="q1", version=2, turns=2))
    assert said(talk.press("*0")) == ["person"]


def test_menu_back_and_repeat():
    talk = Talk()
    talk.text("hi")
    talk.text("1")
    talk.text("0")
    assert said(talk.text("back")) == ["q1"]
    assert said(talk.text("back")) == ["menu"]
    assert said(talk.text("back")) == ["menu"]
    talk.text("1")
    assert said(talk.text("repeat")) == ["q1"]
    assert said(talk.text("menu")) == ["menu"]


def test_repeat_says_everything_said_last():
    talk = Talk()
    talk.text("hi")
    assert said(talk.press("9")) == ["welcome", "menu"]


def test_repeat_after_nothing_was_said_asks_the_question():
    talk = Talk(session=a_session(node="q1", version=2, turns=2))
    assert said(talk.text("repeat")) == ["q1"]


def test_star_gives_more_time():
    talk = Talk(Channel.VOICE)
    talk.call()
    assert said(talk.press("*")) == ["more_time", "menu"]


def test_help_explains_and_asks_again():
    talk = Talk()
    talk.text("hi")
    assert said(talk.text("HELP")) == ["help", "menu"]
    assert said(talk.text("what is this?")) == ["help", "menu"]


def test_quick_exit_says_something_neutral_and_falls_silent():
    talk = Talk()
    talk.text("boat sinking")
    step = talk.text("X")
    assert said(step) == ["exit"]
    assert step.listen.wait is Wait.END
    assert not of(step, Timer)
    assert not of(step, Withdraw)


def test_eight_is_the_quick_exit():
    talk = Talk()
    talk.text("hi")
    assert said(talk.text("8")) == ["exit"]


def test_deleting_is_confirmed_and_can_be_left():
    talk = Talk()
    talk.text("hi")
    talk.text("1")
    assert said(talk.text("delete")) == ["delete"]
    assert said(talk.text("2")) == ["q1"]
    code = talk.text("delete").prompts[0].params["confirm"]
    assert said(talk.text("1")) == ["delete"]
    step = talk.text(f"1 {code}")
    assert said(step) == ["bye"]
    assert [type(effect).__name__ for effect in step.effects] == ["Forget"]


def test_another_language_is_asked_for_by_name_and_kept():
    talk = Talk()
    talk.text("hi")
    step = talk.text("español")
    assert step.prompts == (Prompt("menu", "es"),)
    assert of(step, Remember) == [Remember("language", "es")]
    assert talk.text("1").prompts[0].language == "es"
    assert talk.text("English!").prompts == (Prompt("q1", "en"),)


def test_a_language_named_in_the_first_text_is_greeted_in():
    assert Talk().text("español").prompts[0] == Prompt("welcome", "es")


def test_a_choice_may_switch_the_language():
    talk = Talk(Channel.VOICE)
    talk.call()
    assert talk.press("3").prompts == (Prompt("menu", "es"),)


def test_a_guessed_language_is_confirmed_in_it():
    talk = Talk()
    step = talk.text("hola que tal")
    assert step.prompts == (Prompt("in_spanish", "es"),)
    step = talk.text("sí")
    assert step.prompts == (Prompt("welcome", "es"), Prompt("menu", "es"))
    assert of(step, Remember) == [Remember("language", "es")]


def test_a_language_refused_is_not_offered_again():
    talk = Talk()
    talk.text("hi")
    assert said(talk.text("mi barco que se va")) == ["in_spanish"]
    assert talk.text("2").prompts == (Prompt("menu", "en"),)
    assert said(talk.text("mi barco que se va")) == ["menu_again"]


def test_an_unclear_answer_to_the_language_question_goes_on_as_before():
    talk = Talk()
    talk.text("hola que tal")
    talk.text("xyzzy")
    assert talk.text("xyzzy").prompts == (Prompt("welcome", "en"), Prompt("menu", "en"))


# --- answers


def test_an_answer_is_stored_and_leads_on():
    talk = Talk()
    talk.text("hi")
    talk.text("1")
    step = talk.text("no")
    assert said(step) == ["q2"]
    assert step.session.answers == {"q1": (0,)}


def test_staff_are_needed_the_moment_a_level_is_known():
    talk = Talk()
    talk.text("hi")
    talk.text("1")
    talk.text("0")
    step = talk.text("torn sails")
    assert need(step).urgency is Urgency.SOON
    assert need(step).reason == "triage"
    assert of(step, CaseNote) == [CaseNote("answer", "q1 0"), CaseNote("answer", "q2 1")]


def test_an_answer_below_what_pages_is_kept_and_calls_nobody():
    talk = Talk(flow=a_flow(page_from=Urgency.URGENT))
    for word in ("hi", "1", "0"):
        talk.text(word)
    step = talk.text("torn sails")
    assert step.session.urgency is Urgency.SOON
    assert need(step) is None


def test_a_later_answer_only_raises():
    talk = Talk()
    talk.text("boat leaking")
    talk.case().text("hi")
    talk.text("1")
    step = talk.text("2")
    assert step.session.urgency is Urgency.SOON
    step = talk.text("engine")
    assert need(step).urgency is Urgency.URGENT
    assert CaseNote("answer", "q2 2") in step.effects


def test_the_graver_of_two_answers_to_a_danger_question_counts():
    talk = Talk(session=a_session(node="q1", version=2, turns=2))
    step = talk.text("1 and 2")
    assert said(step) == ["sinking", "contact"]
    assert need(step).urgency is Urgency.EMERGENCY


def test_several_answers_are_all_taken():
    talk = Talk(session=a_session(node="q2", version=2, turns=2))
    step = talk.text("1 and 2")
    assert step.session.answers["q2"] == (1, 2)
    assert said(step) == ["engine", "person"]


def test_an_answer_that_is_danger_sends_its_script_first():
    talk = Talk(session=a_session(node="q1", version=2, turns=2))
    step = talk.press("1")
    assert said(step) == ["sinking", "contact"]
    assert step.effects[0] == need(step)
    assert step.session.answers["q1"] == (1,)


def test_consent_given_is_remembered():
    talk = Talk(session=a_session(node="contact", version=2, turns=2))
    step = talk.text("yes")
    assert of(step, GiveConsent) == [GiveConsent(Consent.CALL_ONLY)]
    assert step.session.memory["consent"] == "call_only"


def test_what_is_not_understood_is_asked_once_in_other_words_then_a_person_comes():
    talk = Talk()
    talk.text("hi")
    assert said(talk.text("flibberty")) == ["menu_again"]
    step = talk.text("gibbets")
    assert said(step) == ["not_understood", "person"]
    assert need(step).reason == "unclear"


def test_a_question_without_other_words_is_asked_as_it_was():
    talk = Talk(session=a_session(node="q2", version=2, turns=2))
    assert said(talk.text("flibberty")) == ["q2"]


def test_two_unclear_answers_to_a_danger_question_are_a_missing_answer():
    talk = Talk(session=a_session(node="q1", version=2, turns=2))
    assert said(talk.text("flibberty")) == ["q1_again"]
    step = talk.text("flibberty")
    assert step.session.answers == {"q1": None}
    assert need(step).urgency is Urgency.URGENT
    assert said(step) == ["q2"]


def test_silence_counts_like_an_unclear_answer():
    talk = Talk(Channel.VOICE)
    talk.call()
    assert said(talk.silence()) == ["menu_again"]
    assert said(talk.silence()) == ["not_understood", "person"]
    assert said(talk.case().silence()) == ["waiting"]


def test_silence_before_any_word_is_greeted():
    assert said(Talk(Channel.VOICE).silence()) == ["welcome", "menu"]


def test_an_answer_understood_forgets_the_unclear_one():
    talk = Talk()
    talk.text("hi")
    talk.text("flibberty")
    talk.text("7")
    talk.text("menu")
    assert said(talk.text("flibberty")) == ["menu_again"]


def test_words_not_understood_reach_staff_once_they_have_a_case():
    talk = Talk()
    talk.text("boat leaking")
    step = talk.case().text("flibberty")
    assert CaseNote("words", "flibberty") in step.effects


def test_a_note_is_kept_and_leads_to_a_person():
    talk = Talk(session=a_session(node="note", version=2, turns=2))
    assert said(talk.text("  ")) == ["note"]
    step = talk.text("the keel is loose")
    assert said(step) == ["noted", "person"]
    assert CaseNote("note", "the keel is loose") in step.effects


def test_a_number_to_call_back_is_remembered_and_said_to_whoever_gave_it():
    talk = Talk(session=a_session(node="callback", version=2, turns=2))
    assert said(talk.text("later")) == ["callback"]
    step = talk.text("202 555 0100", number="+12025550100")
    assert said(step) == ["menu"]
    assert step.prompts[0].params["number"] == "202-555-0100"
    assert step.session.memory["number"] == "+12025550100"


def test_a_number_the_line_may_not_call_is_not_understood():
    talk = Talk(session=a_session(node="callback", version=2, turns=2))
    step = talk.text("900 555 0100")
    assert said(step) == ["callback"]
    assert "number" not in step.session.memory


def test_branches_are_tried_in_order():
    router = a_session(node="menu", version=2, turns=2)
    assert said(Talk(session=a_session(Channel.VOICE, node="menu", version=2, turns=2)).press("7")) == ["done", "menu"]
    assert said(
        Talk(session=a_session(node="menu", version=2, turns=2, memory={"consent": "call_only"})).text("7")
    ) == ["bye"]
    assert said(Talk(session=a_session(node="menu", version=2, turns=2, answers={"q1": None})).text("7")) == ["note"]
    assert said(Talk(session=a_session(node="menu", version=2, turns=2, answers={"q1": (0,)})).text("7")) == [
        "callback"
    ]
    assert router.node == "menu"


# --- free-text questions


def test_a_question_is_answered_and_the_menu_asked_again():
    talk = Talk()
    talk.text("hi")
    assert said(talk.text("how do i tie a bowline knot")) == ["knots", "menu"]


def test_a_question_in_another_language_is_answered_in_it():
    talk = Talk()
    talk.text("hi")
    step = talk.text("¿Qué nudo hago con la cuerda?")
    assert step.prompts == (Prompt("knots", "es"), Prompt("menu", "es"))


def test_two_possible_answers_are_offered_by_number():
    talk = Talk()
    talk.text("hi")
    step = talk.text("which way does it blow")
    assert said(step) == ["not_sure", "offer_wind", "offer_breeze"]
    assert step.prompts[1] == Prompt("offer_wind", "en", {"key": "1"})
    assert said(talk.text("2")) == ["breeze", "menu"]


def test_an_offer_holds_for_one_answer():
    talk = Talk()
    talk.text("hi")
    talk.text("which way does it blow")
    assert said(talk.text("flibberty")) == ["not_understood", "person"]
    talk = Talk()
    talk.text("hi")
    talk.text("which way does it blow")
    assert said(talk.text("4")) == ["bye"]


@pytest.mark.parametrize("no", ["no", "No thanks", "none of those", "noone of those", "no not really", "ninguna"])
def test_a_no_to_all_that_was_offered_leads_kindly_back_to_the_menu(no):
    talk = Talk(flow=a_flow(tongues=(replace(ENGLISH, polite=ENGLISH.polite | {"thanks"}), SPANISH)))
    talk.text("hi")
    talk.text("which way does it blow")
    step = talk.text(no)
    assert said(step) == ["none_meant", "menu"]
    assert (step.session.tries, step.session.node) == (0, "menu")


def test_a_yes_to_the_only_question_offered_is_its_number():
    talk = Talk(flow=a_flow(faq=tuple(replace(entry, about={"en": ("sail",)}) for entry in FLOW.faq[:1])))
    talk.text("hi")
    assert said(talk.text("how do i tie a bowline knot")) == ["not_sure", "offer_knots"]
    assert said(talk.text("yes")) == ["knots", "menu"]


def test_a_yes_to_one_of_two_is_not_guessed():
    talk = Talk()
    talk.text("hi")
    talk.text("which way does it blow")
    assert said(talk.text("yes")) == ["not_understood", "person"]


def test_a_no_where_nothing_was_offered_is_no_answer():
    talk = Talk()
    talk.text("hi")
    assert said(talk.text("no")) == ["menu_again"]


ENOUGH = replace(FLOW.offers, enough={"en": ("no thanks", "thats all"), "es": ("no gracias",)}, enough_say=("enough",))


@pytest.mark.parametrize("word", ["no thanks", "That's all.", "no gracias"])
def test_who_wants_nothing_of_a_menu_is_answered_and_then_seen_off_and_nobody_is_called(word):
    talk = Talk(flow=a_flow(offers=ENOUGH))
    talk.text("hi")
    kind = talk.text(word)
    assert said(kind) == ["enough"]
    assert kind.session.node == "menu"
    last = talk.text(word)
    assert said(last) == ["farewell"]
    assert [need(kind), need(last)] == [None, None]


def test_who_waits_for_a_person_and_wants_nothing_more_of_the_menu_still_waits():
    talk = Talk(flow=a_flow(offers=ENOUGH), session=a_session(node="menu", version=2, turns=2)).case()
    for _ in range(3):
        assert said(talk.text("no thanks")) == ["enough"]
        assert talk.session.node == "menu"


def test_offers_do_not_go_round_for_ever():
    talk = Talk()
    talk.text("hi")
    for _ in range(2):
        assert said(talk.text("which way does it blow"))[0] == "not_sure"
    assert talk.text("which way does it blow").session.node == "person"


# --- waiting


def test_waiting_tells_only_what_the_case_shows():
    talk = Talk()
    talk.text("call")
    assert said(talk.case("paging").text("anyone there?")) == ["waiting"]
    step = talk.case("claimed", helper="Ana").text("hello?")
    assert step.prompts == (Prompt("claimed", "en", {"helper": "Ana", "tried": "2", "code": "K7"}),)
    assert step.effects == (CaseNote("words", "hello?"),)
    assert step.listen.wait is Wait.HOLD


def test_a_key_without_meaning_while_waiting_says_how_things_stand():
    talk = Talk(Channel.VOICE)
    talk.speak("call")
    step = talk.case().press("7")
    assert said(step) == ["waiting"]
    assert step.effects == ()


def test_keys_while_waiting_do_what_they_say():
    talk = Talk()
    talk.text("call")
    step = talk.case().text("1")
    assert said(step) == ["kept"]
    assert of(step, GiveConsent)
    assert said(talk.text("3")) == ["waiting"]


def test_a_caller_who_needs_nobody_may_say_so():
    talk = Talk()
    talk.text("call")
    step = talk.case().text("never mind")
    assert of(step, Withdraw) == [Withdraw()]
    assert said(step) == ["withdrawn", "menu"]


def test_in_danger_only_a_human_may_end_a_case():
    talk = Talk()
    talk.text("boat sinking")
    talk.case().text("call")
    step = talk.text("2")
    assert said(step) == ["keep_case"]
    assert not of(step, Withdraw)
    assert step.session.node == "person"


def test_who_stands_where_one_waits_without_having_asked_is_asked_for():
    talk = Talk(session=a_session(node="person", version=2, turns=2))
    assert need(talk.text("hello?")).urgency is Urgency.URGENT


def test_a_case_opened_and_closed_between_two_texts_is_told():
    talk = Talk()
    talk.text("call")
    assert said(talk.case(None).text("thanks, they called")) == ["case_closed", "menu"]


def test_a_case_closed_by_a_human_is_told_and_leads_to_the_menu():
    talk = Talk()
    talk.text("call")
    talk.case("paging").text("hm")
    step = talk.case("closed").text("thanks")
    assert said(step) == ["case_closed", "menu"]
    assert need(step) is None


def test_after_a_case_was_closed_a_new_need_is_a_new_case():
    talk = Talk()
    talk.text("call")
    talk.case().text("hm")
    talk.case(None).text("thanks")
    assert need(talk.text("call")).urgency is Urgency.URGENT


def test_answers_of_a_closed_case_do_not_count_again():
    talk = Talk(session=a_session(node="q1", version=2, turns=2))
    talk.text("2")
    talk.case().text("1")
    talk.case(None).text("menu")
    assert talk.session.answers == {}


def test_while_a_staff_member_writes_the_bot_is_silent():
    talk = Talk()
    talk.text("call")
    talk.case("claimed", relay=True)
    for text in ("my name is Jo", "0", "menu"):
        step = talk.text(text)
        assert said(step) == []
        assert of(step, Relay) == [Relay(text)]


def test_danger_is_heard_while_a_staff_member_writes():
    talk = Talk()
    talk.text("call")
    step = talk.case("claimed", relay=True).text("boat sinking")
    assert said(step) == ["sinking"]
    assert of(step, Relay) == [Relay("boat sinking")]
    assert need(step).urgency is Urgency.EMERGENCY


def test_opt_out_and_quick_exit_work_while_a_staff_member_writes():
    talk = Talk()
    talk.text("call")
    talk.case("claimed", relay=True)
    assert said(talk.text("x")) == ["exit"]
    assert of(talk.text("stop"), OptOut)


# --- timers, hang-ups, comebacks


def test_every_question_has_an_expiry():
    assert timers(Talk().text("hi")) == {"session": timedelta(hours=4)}
    assert timers(Talk(Channel.VOICE).call()) == {"session": timedelta(minutes=5)}


def test_a_timer_of_an_older_version_is_void():
    talk = Talk()
    talk.text("hi")
    before = talk.session
    step = talk.ring("session", version=0)
    assert step.session is before
    assert step.prompts == ()
    assert step.effects == ()


def test_a_danger_question_left_open_is_a_missing_answer():
    talk = Talk()
    talk.text("hi")
    talk.text("1")
    step = talk.ring("session")
    assert said(step) == []
    assert step.session.answers == {"q1": None}
    assert need(step).urgency is Urgency.URGENT
    assert step.session.last_at == NOON


def test_a_menu_left_open_asks_for_nobody():
    talk = Talk()
    talk.text("hi")
    step = talk.ring("session")
    assert need(step) is None
    assert step.session.version == 2


def test_silence_after_danger_is_asked_about_twice():
    talk = Talk()
    assert timers(talk.text("boat sinking"))["checkin"] == timedelta(minutes=2)
    step = talk.ring("checkin")
    assert said(step) == ["check_in"]
    assert timers(step)["checkin"] == timedelta(minutes=3)
    step = talk.ring("checkin")
    assert said(step) == ["still"]
    assert "checkin" not in timers(step)
    assert said(talk.ring("checkin")) == []


def test_who_is_safe_goes_on_where_they_were_and_staff_know():
    talk = Talk()
    talk.text("boat sinking")
    talk.ring("checkin")
    step = talk.text("yes")
    assert said(step) == ["contact"]
    assert CaseNote("safe", "safe") in step.effects
    assert "checkin" not in timers(step)
    assert step.session.urgency is Urgency.EMERGENCY


def test_nobody_is_asked_whether_they_are_safe_when_a_human_has_them():
    talk = Talk()
    talk.text("boat sinking")
    step = talk.case("claimed").ring("checkin")
    assert said(step) == []
    assert "checkin" not in timers(step)


def test_a_check_in_while_waiting_leads_back_to_waiting():
    talk = Talk()
    talk.text("boat sinking")
    talk.case().text("call")
    assert said(talk.ring("checkin")) == ["check_in"]
    assert said(talk.text("1")) == ["waiting"]


def test_a_call_is_never_checked_in_on_by_text():
    talk = Talk(Channel.VOICE)
    talk.call()
    assert "checkin" not in timers(talk.speak("boat sinking"))


def test_a_call_that_drops_mid_triage_goes_on_by_text_at_the_same_question():
    talk = Talk(Channel.VOICE)
    talk.call()
    talk.press("1")
    step = talk.hang_up()
    assert said(step) == ["dropped"]
    assert step.listen.wait is Wait.END
    assert timers(step) == {"session": timedelta(minutes=5)}
    assert said(talk.text("1")) == ["q1"]
    assert talk.session.channel is Channel.SMS


def test_a_call_that_drops_mid_triage_for_good_is_a_missing_answer():
    talk = Talk(Channel.VOICE)
    talk.call()
    talk.press("1")
    talk.hang_up()
    assert need(talk.ring("session")).urgency is Urgency.URGENT


def test_a_hang_up_while_waiting_is_noted():
    talk = Talk(Channel.VOICE)
    talk.speak("call")
    step = talk.case().hang_up()
    assert said(step) == []
    assert step.effects == (CaseNote("hung_up", "The call ended."),)


def test_a_hang_up_at_the_menu_is_nothing():
    talk = Talk(Channel.VOICE)
    talk.call()
    assert said(talk.hang_up()) == []


def test_who_comes_back_after_long_is_asked_whether_to_go_on():
    talk = Talk()
    talk.text("hi")
    talk.text("1")
    talk.later(hours=5)
    assert said(talk.text("no")) == ["welcome_back"]
    assert said(talk.text("1")) == ["q1"]


def test_with_a_case_open_a_late_answer_counts_and_a_late_hello_is_welcomed():
    talk = Talk()
    talk.text("hi")
    talk.text("1")
    talk.ring("session")
    step = talk.later(hours=5).text("hello?")
    assert said(step) == ["welcome_back"]
    assert said(talk.text("1")) == ["q1"]
    assert said(talk.later(hours=5).text("2"))[0] == "leaking"
    assert talk.session.answers == {"q1": (2,)}


def test_who_comes_back_may_start_again():
    talk = Talk()
    talk.text("hi")
    talk.text("1")
    talk.later(hours=5).text("0 0")
    assert said(talk.text("2")) == ["menu"]


def test_who_comes_back_and_asks_for_a_person_is_not_asked_first():
    talk = Talk()
    talk.text("hi")
    assert said(talk.later(hours=5).text("call")) == ["person"]


def test_who_calls_again_is_asked_whether_to_go_on():
    talk = Talk(Channel.VOICE)
    talk.call()
    talk.press("1")
    assert said(talk.call()) == ["welcome_back"]
    assert said(talk.call()) == ["welcome_back"]


def test_who_calls_with_a_case_open_hears_how_it_stands():
    talk = Talk()
    talk.text("boat sinking")
    step = talk.case("claimed").call()
    assert said(step) == ["claimed"]
    assert step.session.channel is Channel.VOICE
    assert said(talk.call()) == ["claimed"]


def test_after_an_end_the_next_text_begins_at_the_start():
    talk = Talk()
    talk.text("hi")
    talk.text("4")
    assert said(talk.text("1")) == ["welcome", "menu"]


def test_after_an_end_with_a_case_open_the_caller_is_told_how_it_stands():
    talk = Talk()
    talk.text("boat sinking")
    talk.case().text("x")
    assert said(talk.text("hello")) == ["waiting"]


def test_long_after_an_end_it_is_a_new_conversation():
    talk = Talk()
    talk.text("boat sinking")
    talk.text("x")
    talk.case(None).later(minutes=5).text("hi")
    assert talk.session.urgency is Urgency.EMERGENCY
    talk.text("x")
    talk.later(hours=5).text("hi")
    assert talk.session.urgency is Urgency.ROUTINE
    assert talk.session.answers == {}
    assert talk.session.started_at == talk.now


# --- guards and content changes


def test_nodes_that_never_wait_hand_over_to_a_person():
    talk = Talk()
    talk.text("hi")
    step = talk.text("7")
    assert said(step)[-2:] == ["too_long", "person"]
    assert need(step).reason == "guard"


def test_a_conversation_that_never_ends_is_handed_over():
    talk = Talk(session=a_session(node="menu", version=400, turns=400))
    step = talk.text("1")
    assert said(step) == ["too_long", "person"]
    assert need(step).reason == "guard"
    assert said(talk.case().text("1")) == ["kept"]


def test_a_node_that_is_gone_lands_where_it_is_said():
    talk = Talk(session=a_session(node="contact", version=2, turns=2))
    assert said(talk.text("2")) == ["landing"]


def test_new_content_asks_a_changed_question_again():
    talk = Talk(session=a_session(node="q1", version=2, turns=2, content="v0"))
    assert said(talk.text("1")) == ["moved", "q1"]
    assert talk.session.content == "v1"
    assert said(talk.text("0")) == ["q2"]


def test_new_content_without_the_node_lands():
    talk = Talk(session=a_session(node="old", version=2, turns=2, content="v0", trail=("older", "q1")))
    assert said(talk.text("1")) == ["landing"]
    assert talk.session.trail == ("q1",)


def test_new_content_may_promise_that_a_question_is_the_same():
    flow = a_flow(moves={"old_q1": "q1", "lost": "nowhere"})
    talk = Talk(flow=flow, session=a_session(node="old_q1", version=2, turns=2, tries=1, content="v0"))
    assert said(talk.text("0")) == ["q2"]
    talk = Talk(flow=flow, session=a_session(node="lost", version=2, turns=2, content="v0"))
    assert said(talk.text("0")) == ["person"]
    talk = Talk(flow=flow, session=a_session(node="lost", version=2, turns=2, content="v0"))
    assert said(talk.text("1")) == ["landing"]


def test_new_content_while_waiting_says_how_things_stand():
    talk = Talk(session=a_session(node="person", version=2, turns=2, content="v0"))
    assert said(talk.case().text("1")) == ["waiting"]


def test_danger_is_heard_while_content_changes():
    talk = Talk(session=a_session(node="old", version=2, turns=2, content="v0"))
    assert said(talk.text("boat sinking"))[0] == "sinking"


def test_what_was_left_aside_and_is_gone_lands():
    talk = Talk(session=a_session(node="welcome_back", version=2, turns=2, memory={"resume": "old"}))
    assert said(talk.text("1")) == ["landing"]
    talk = Talk(session=a_session(node="welcome_back", version=2, turns=2))
    assert said(talk.text("1")) == ["menu"]


# --- the same event, and the record


def test_the_same_event_again_is_answered_the_same_and_does_nothing():
    talk = Talk()
    event = Answered("x", NOON, "boat sinking")
    first = talk.give(event)
    talk.case(None)
    again = talk.give(event)
    assert again.session == first.session
    assert again.prompts == first.prompts
    assert again.listen == first.listen
    assert again.effects == ()


def test_a_place_that_is_missing_or_of_the_wrong_kind_is_refused():
    with pytest.raises(ValueError, match=r"places\.person"):
        a_flow(without=["person"])
    with pytest.raises(ValueError, match=r"places\.menu"):
        a_flow(Say("menu", (), "q1"))


def test_a_flow_knows_its_languages_and_start():
    assert FLOW.languages == ("en", "es")
    assert FLOW.language == "en"
    assert FLOW.start == PLACES.start


def test_hints_for_speech_are_the_words_of_the_choices():
    talk = Talk(Channel.VOICE)
    assert "get help" in talk.call().listen.hints


def test_listening_to_a_question_for_several_answers():
    node = Ask("menu", ("menu",), (Choice(("1",), "q2"),), several=True, digits=4)
    listen = Talk(flow=a_flow(node)).text("hi").listen
    assert (listen.digits, listen.several) == (4, True)


def test_the_view_of_the_case_travels_with_the_session():
    talk = Talk().case("claimed", helper="Ana")
    talk.text("hi")
    assert talk.session.case == CaseView("K7", "claimed", tried=2, helper="Ana")


def test_a_session_of_an_unknown_schema_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match="run the release step first"):
        Session.from_json({**a_session().to_json(), "schema": 99})


def test_a_place_for_persons_that_is_none_is_a_broken_promise():
    with pytest.raises(TypeError, match=r"places\.person"):
        walking._a_person(FLOW.nodes["menu"])
