"""The proofs: the shipped content passes all of them, and each finds the fault it is there for."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from config import content
from flows.catalogue import Forms
from flows.definition import Lines
from flows.events import Channel
from flows.fault import Fault
from flows.graph import nearest
from flows.loaded import LoadedContent, Part
from flows.nodes import SAME, Ask, Branch, Choice, Decide, End, Node, Person, Say, UrgencyIs
from flows.review import review
from flows.review_texts import messages_said, seconds_of
from flows.service_messages import SERVICE_MESSAGES
from flows.urgency import Urgency
from tests.flows.builders import Talk

TODAY = date(2026, 11, 24)
SHIPPED = content.load()


def found(loaded: LoadedContent, today: date = TODAY) -> list[str]:
    return [fault.what for fault in review(loaded, today)]


def the_fault(loaded: LoadedContent, today: date = TODAY) -> Fault:
    faults = review(loaded, today)
    assert len(faults) == 1, faults
    assert faults[0].mend
    return faults[0]


def with_flow(**changes: Any) -> LoadedContent:
    return replace(SHIPPED, flow=replace(SHIPPED.flow, **changes))


def with_nodes(*nodes: Node) -> LoadedContent:
    return with_flow(nodes=MappingProxyType({**SHIPPED.flow.nodes, **{node.id: node for node in nodes}}))


def with_message(code: str, name: str, sms: str | None = None, voice: str | None = None) -> LoadedContent:
    old = SHIPPED.catalogue.messages[code].get(name, Forms("", ""))
    forms = Forms(old.sms if sms is None else sms, old.voice if voice is None else voice)
    messages = {**SHIPPED.catalogue.messages, code: {**SHIPPED.catalogue.messages[code], name: forms}}
    return replace(SHIPPED, catalogue=replace(SHIPPED.catalogue, messages=messages))


def without_message(code: str, name: str) -> LoadedContent:
    kept = {one: forms for one, forms in SHIPPED.catalogue.messages[code].items() if one != name}
    return replace(SHIPPED, catalogue=replace(SHIPPED.catalogue, messages={**SHIPPED.catalogue.messages, code: kept}))


def ask(name: str) -> Ask:
    node = SHIPPED.flow.nodes[name]
    assert isinstance(node, Ask)
    return node


def test_the_shipped_content_has_nothing_to_mend():
    assert review(SHIPPED, TODAY) == ()


# -- the graph ---------------------------------------------------------------------------------------------------------


def test_a_node_that_no_way_leads_to_is_found():
    fault = the_fault(with_nodes(Say("island", ("welcome",), "menu")))
    assert fault.what == "no way leads to island"


def test_two_nodes_that_only_lead_to_each_other_are_not_reached():
    loaded = with_nodes(Say("one", ("welcome",), "two"), Ask("two", ("menu",), (Choice(("1",), "one"),)))
    assert found(loaded) == ["no way leads to one", "no way leads to two"]


def test_a_way_to_a_node_that_is_not_there_is_found_with_its_line():
    fault = the_fault(with_nodes(replace(SHIPPED.flow.nodes["signs"], go="nowhere")))
    assert (fault.file, fault.what) == ("nodes/triage.yaml", "signs leads to nowhere, which does not exist")
    assert fault.line == SHIPPED.place(Part.NODE, "signs").line > 1


def test_a_script_that_is_not_there_is_found():
    choices = (replace(ask("q2b").choices[0], script="nothing"), *ask("q2b").choices[1:])
    assert found(with_nodes(replace(ask("q2b"), choices=choices))) == [
        "q2b names the script nothing, which does not exist"
    ]


def test_a_script_that_leads_nowhere_is_found():
    scripts = {**SHIPPED.flow.scripts, "od": replace(SHIPPED.flow.scripts["od"], go="nowhere")}
    assert the_fault(with_flow(scripts=scripts)).file == "scripts.yaml"


def test_a_danger_without_its_script_is_found():
    scripts = {name: script for name, script in SHIPPED.flow.scripts.items() if name != "bladder"}
    assert "bladder names the script bladder, which scripts.yaml does not have" in found(with_flow(scripts=scripts))


def test_an_answer_of_the_faq_that_leads_nowhere_is_found():
    faq = (replace(SHIPPED.flow.faq[0], go="nowhere"), *SHIPPED.flow.faq[1:])
    assert the_fault(with_flow(faq=faq)).file == "faq.yaml"


def test_a_move_to_a_node_that_is_not_there_is_found():
    assert "moves: old leads to nowhere" in the_fault(with_flow(moves={"old": "nowhere"})).what


def test_a_move_to_a_node_that_is_there_is_sound():
    assert found(with_flow(moves={"old": "q1"})) == []


def test_a_loop_that_never_asks_is_found():
    loop = with_nodes(
        replace(SHIPPED.flow.nodes["signs"], go="round"),
        Say("round", ("welcome",), "about"),
        Decide("about", (Branch((UrgencyIs(Urgency.SOON),), "signs"),), "contact"),
    )
    assert (
        found(loop)
        == [f"from {name} the conversation goes round without asking anything" for name in ("about", "round", "signs")]
        or len(found(loop)) == 3
    )


def test_a_loop_through_a_question_is_no_fault():
    assert found(with_nodes(replace(SHIPPED.flow.nodes["signs"], go="q5"))) == []


def test_a_node_that_leads_to_itself_without_asking_is_found():
    assert "signs leads back to itself without asking" in found(
        with_nodes(replace(SHIPPED.flow.nodes["signs"], go=SAME))
    )


def test_a_node_that_says_nothing_is_found():
    assert found(with_nodes(replace(SHIPPED.flow.nodes["signs"], say=()))) == ["signs says nothing"]
    assert found(with_nodes(End("exit", ()))) == ["exit says nothing"]


def test_a_person_node_with_nothing_to_tell_who_waits_is_found():
    person = SHIPPED.flow.nodes["wait_now"]
    assert isinstance(person, Person)
    assert "wait_now has nothing to tell" in the_fault(with_nodes(replace(person, waiting=()))).what


@pytest.mark.parametrize("line", Lines.__slots__)
def test_an_engine_line_that_says_nothing_is_found(line: str):
    assert found(with_flow(lines=replace(SHIPPED.flow.lines, **{line: ()}))) == [f"lines: {line} says nothing"]


def test_a_question_that_takes_the_key_for_a_person_is_found():
    choices = (*ask("q1").choices, Choice(("0",), "q2"))
    assert "q1 gives the key 0 another meaning than a person" in found(with_nodes(replace(ask("q1"), choices=choices)))


def test_content_without_a_key_for_a_person_is_found():
    commands = tuple(replace(one, keys=()) if "0" in one.keys else one for one in SHIPPED.flow.commands)
    what = found(with_flow(commands=commands))
    assert "no key means a person" in what
    assert any("answers away" in one or "no key leads to a person" in one for one in what)


def maze(depth: int) -> tuple[Node, ...]:
    """Questions in a row that all take the key for a person; the last leads to one."""
    last = Ask(f"maze{depth}", ("q1",), (Choice(("0",), "person"),))
    rooms = (Ask(f"maze{n}", ("q1",), (Choice(("0",), f"maze{n + 1}"),)) for n in range(1, depth))
    entrance = replace(SHIPPED.flow.nodes["signs"], go="maze1")
    return (*rooms, last, entrance)


def test_a_person_three_answers_away_is_near_enough():
    assert not any("answers away, more" in what for what in found(with_nodes(*maze(3))))


def test_a_person_four_answers_away_is_too_far():
    assert "from maze1 a person is 4 answers away, more than 3" in found(with_nodes(*maze(4)))


def test_a_question_no_key_leads_from_to_a_person_is_found():
    trap = Ask("trap", ("q1",), (Choice(("0",), "trap"),), unclear_go="trap")
    entrance = replace(SHIPPED.flow.nodes["signs"], go="trap")
    assert "from trap no key leads to a person" in found(with_nodes(trap, entrance))


def test_a_question_two_answers_from_the_emergency_number_is_found():
    assert "from maze1 the emergency number is more than 1 answer away" in found(with_nodes(*maze(3)))


def test_a_person_message_without_the_emergency_number_makes_every_node_too_far():
    what = found(with_message("en", "person", "We are alerting staff.", "We are alerting staff."))
    assert "from q3 the emergency number is more than 1 answer away" in what
    for scripted in ("q1", "q2"):  # an answer to them sends a script, and every script says the number
        assert f"from {scripted} the emergency number is more than 1 answer away" not in what


def test_the_nearest_way_is_counted_in_answers_not_in_nodes():
    into = {"goal": [("say", 0), ("far", 1)], "say": [("ask", 1)], "ask": [("first", 1)], "far": [("first", 1)]}
    assert nearest(["goal"], into) == {"goal": 0, "say": 0, "ask": 1, "far": 1, "first": 2}


# -- words -------------------------------------------------------------------------------------------------------------


def with_words(name: str, **words: tuple[str, ...]) -> LoadedContent:
    first, *others = ask(name).choices
    return with_nodes(replace(ask(name), choices=(replace(first, words={**first.words, **words}), *others)))


@pytest.mark.parametrize("word", ["stop", "END", "Quit", "cancel", "unsubscribe", "stop all", "opt out"])
def test_a_word_that_ends_all_texts_is_no_answer(word: str):
    what = found(with_words("q2", en=(word,)))
    assert any("it ends all texts" in one for one in what), what


def test_a_word_that_ends_all_texts_is_no_command():
    commands = tuple(
        replace(one, words={**one.words, "en": ("quit",)}) if one.command.value == "exit" else one
        for one in SHIPPED.flow.commands
    )
    assert 'the command exit uses "quit" (en)' in the_fault(with_flow(commands=commands)).what


def test_one_word_for_two_answers_is_found():
    assert 'q2 has two answers for "nope" (en): 1 and 2' in found(with_words("q2", en=("yes", "nope")))


def test_a_word_that_already_means_a_command_is_found():
    assert 'q2: the answer "go back" (en) already means back at every question' in found(
        with_words("q2", en=("yes", "go back"))
    )


def test_a_word_that_asks_for_a_language_is_no_answer():
    assert any('"espanol" (en) already means es' in what for what in found(with_words("q2", en=("español",))))


def test_a_key_for_two_answers_is_found():
    choices = (*ask("q2").choices, Choice(("1",), "q3"))
    assert "q2 has two answers with the key 1" in found(with_nodes(replace(ask("q2"), choices=choices)))


def test_words_missing_in_one_language_are_found():
    first, *others = ask("q2").choices
    spoiled = replace(first, words={"en": first.words["en"]})
    assert "q2: the answer 1 has no words in es" in found(with_nodes(replace(ask("q2"), choices=(spoiled, *others))))


def test_a_command_without_words_in_a_language_is_found():
    commands = tuple(
        replace(one, words={"en": one.words["en"]}) if one.command.value == "back" else one
        for one in SHIPPED.flow.commands
    )
    assert found(with_flow(commands=commands)) == ["the command back has no words in es"]


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_answer_to_what_is_offered_without_words_in_a_language_is_found(answer):
    words = getattr(SHIPPED.flow.offers, answer)
    offers = replace(SHIPPED.flow.offers, **{answer: {"en": words["en"]}})
    assert found(with_flow(offers=offers)) == [f"offers: {answer} has no words in es"]


def test_an_answer_nobody_can_ask_for_in_a_language_is_found():
    faq = (replace(SHIPPED.flow.faq[0], forms={**SHIPPED.flow.faq[0].forms, "es": ()}), *SHIPPED.flow.faq[1:])
    assert found(with_flow(faq=faq)) == ["nobody can ask for is_opioid in es"]


# -- texts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["en", "es"])
@pytest.mark.parametrize(
    "name", ["q1", "od", "page", "stopped", "offer_uses", "wait_claimed", "hold_paging", "offline_od"]
)
def test_a_message_missing_in_a_language_is_found(code: str, name: str):
    assert f"the message {name} is missing in {code}" in found(without_message(code, name))


def test_a_message_nobody_wrote_is_found_in_every_language():
    loaded = with_nodes(replace(SHIPPED.flow.nodes["signs"], say=("unwritten",)))
    assert found(loaded) == ["the message unwritten is missing in en", "the message unwritten is missing in es"]


def test_placeholders_that_differ_between_languages_are_found():
    what = found(with_message("es", "wait_claimed", sms="Alguien tiene su caso. Llame al {number:emergency}."))
    assert what == [
        "wait_claimed (sms) in es has the placeholders {number:emergency}, not {helper}, {number:emergency}"
    ]


def test_an_emergency_number_lost_in_translation_is_found():
    assert any(
        "od (voice) in es has the placeholders none" in what for what in found(with_message("es", "od", voice="Llame."))
    )


def test_spelling_a_code_in_one_language_only_is_no_difference():
    assert found(with_message("es", "page_call", voice="Caso {code}, {level}. Oprima 1, o 2 para pasar.")) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Call {number:nobody}.", "there is no number nobody"),
        ("We are {line:nothing}.", "there is no fact nothing"),
        ("Hello {stranger}.", "nothing fills in {stranger} here"),
        ("Hello {Name}.", "a brace that belongs to no placeholder"),
        ("Hello {name", "a brace that belongs to no placeholder"),
    ],
)
def test_a_placeholder_that_nothing_fills_is_found(text: str, what: str):
    assert any(what in one for one in found(with_message("en", "more_time", sms=text)))


def test_a_placeholder_the_service_cannot_fill_in_that_message_is_found():
    assert any(
        "nothing fills in {minutes}" in one for one in found(with_message("en", "passed", sms="{code} {minutes}"))
    )


def test_a_placeholder_without_an_example_is_found():
    examples = {name: value for name, value in SHIPPED.catalogue.examples.items() if name != "tried"}
    loaded = replace(SHIPPED, catalogue=replace(SHIPPED.catalogue, examples=examples))
    assert any("no example of {tried}" in what or "nothing fills in {tried}" in what for what in found(loaded))


@pytest.mark.parametrize("name", ["helper", "tried", "name"])
def test_a_page_that_carries_more_than_code_level_and_wait_is_found(name: str):
    what = found(with_message("en", "page", sms=f"Case {{code}} {{{name}}}"))
    assert f"page: a page must not carry {{{name}}}" in what


def test_a_text_of_three_segments_is_found_with_its_size():
    fault = next(
        one for one in review(with_message("en", "more_time", sms="Yes, do. " * 36), TODAY) if "segments" in one.what
    )
    assert fault.what == "more_time needs 3 SMS segments (323 GSM-7 units)"


def test_a_text_that_one_accent_makes_too_long_is_told_why():
    what = found(with_message("es", "more_time", sms="Tómese todo su tiempo. " + "Ya sabe. " * 15))
    assert any("UCS-2 units, because of ó)" in one for one in what), what


def test_lengths_are_measured_with_the_longest_values():
    room = 2 * 153 - len(SHIPPED.catalogue.examples["helper"])
    full = "{helper} " + ("Yes. " * 60)[: room - 2] + "."
    assert not any("segments" in what for what in found(with_message("en", "wait_bridging", sms=full)))
    assert any("segments" in what for what in found(with_message("en", "wait_bridging", sms=full + ".")))


def test_speech_of_more_than_twenty_seconds_is_found():
    assert "more_time takes 21 s to say, more than 20" in found(with_message("en", "more_time", voice="Go on. " * 26))


def test_every_digit_of_a_number_costs_the_time_of_a_word():
    assert seconds_of("Call 9 1 1 now.") == 2.0
    assert seconds_of("Don't call, it's 5.") == pytest.approx(1.6)


def test_a_greeting_of_more_than_twelve_seconds_is_found():
    what = found(
        with_message(
            "en", "welcome", voice="Call {number:emergency} or {number:lifeline} at {line:name}. " + "Hi. " * 24
        )
    )
    assert "the greeting takes 14 s to say in en, more than 12" in what


def test_a_text_that_is_hard_to_read_is_found():
    hard = "Institutional administration necessitates comprehensive supervision of contraindicated comorbidities."
    assert any("more_time (sms) is hard to read" in what for what in found(with_message("en", "more_time", sms=hard)))


def test_every_message_the_service_says_is_among_those_that_must_exist():
    assert SERVICE_MESSAGES.keys() <= messages_said(SHIPPED)


# -- dates -------------------------------------------------------------------------------------------------------------


def test_a_number_is_shown_until_the_day_before_its_check_runs_out():
    last = min(number.expires_on for number in SHIPPED.catalogue.numbers.values())
    assert found(SHIPPED, last - timedelta(days=1)) == []
    assert f"the number poison was to be checked by {last}" in found(SHIPPED, last)


def test_the_owner_is_told_to_check_the_number():
    last = min(number.expires_on for number in SHIPPED.catalogue.numbers.values())
    assert all(fault.mend.startswith("Clinical lead: call it") for fault in review(SHIPPED, last))


def test_a_review_that_has_run_out_is_found_for_answers_and_for_files():
    last = max(one.expires_on for one in SHIPPED.vetted)
    what = found(SHIPPED, last)
    assert f"the review of side_effects ran out on {last}" in what
    assert f"the review of messages/es/scripts.yaml ran out on {last}" in what


def test_a_review_dated_in_the_future_is_found():
    what = found(SHIPPED, date(2026, 11, 1))
    assert "the review of is_opioid is dated 2026-11-23, which is still to come" in what


def test_dates_alone_never_keep_a_line_from_starting():
    faults = review(SHIPPED, date(2099, 1, 1))
    assert faults
    assert not any(fault.blocks for fault in faults)


def test_everything_clinical_names_its_sources_and_says_that_a_clinician_must_sign_it_off():
    vetted = {one.id: one for one in SHIPPED.vetted}
    clinical = (
        "scripts.yaml",
        "triage.yaml",
        *(f"messages/{c}/{f}.yaml" for c in ("en", "es") for f in ("scripts", "answers", "triage")),
    )
    assert vetted.keys() >= {*clinical, *(entry.id for entry in SHIPPED.flow.faq)}
    for one in vetted.values():
        assert one.sources
        assert "clinician" in one.sign_off.lower()


def test_a_fault_reads_like_a_line_of_a_compiler():
    assert str(Fault("a.yaml", 3, "it is wrong", "Mend it")) == "a.yaml:3: it is wrong. Mend it"
    assert str(Fault("a.yaml", 0, "it is wrong", "Mend it")) == "a.yaml: it is wrong. Mend it"


def test_the_planted_faults_above_start_from_a_clean_content():
    """Without this a helper that spoils more than it says would make every test above pass."""
    untouched: list[Callable[[], LoadedContent]] = [
        with_flow,
        with_nodes,
        lambda: with_message("en", "menu"),
        lambda: without_message("en", "no such message"),
    ]
    assert all(review(make(), TODAY) == () for make in untouched)


# -- the conversation as a whole ---------------------------------------------------------------------------------------


def test_a_guard_that_the_content_itself_would_trip_is_found():
    guards = replace(SHIPPED.flow.guards, max_steps_per_turn=1)
    fault = the_fault(with_flow(guards=guards))
    assert re.fullmatch(r"guards: [0-9] nodes can follow without a question, more than max_steps_per_turn", fault.what)
    most = int(fault.what.split()[1])
    assert found(with_flow(guards=replace(guards, max_steps_per_turn=most))) == []


def test_a_guard_with_fewer_turns_than_there_are_questions_is_found():
    assert "more than max_turns" in the_fault(with_flow(guards=replace(SHIPPED.flow.guards, max_turns=5))).what


@pytest.mark.parametrize("place", ["welcome_back", "check_in"])
def test_a_comeback_that_cannot_go_on_is_found(place: str):
    node = ask(getattr(SHIPPED.flow.places, place))
    stuck = replace(node, choices=tuple(replace(c, go="menu") if c.go == "@resume" else c for c in node.choices))
    assert (
        f"has no answer that goes on where the caller was, though it is the place {place}"
        in the_fault(with_nodes(stuck)).what
    )


def test_a_danger_question_that_does_not_name_a_key_is_found_in_its_language_and_channel():
    text = SHIPPED.catalogue.messages["es"]["q2"].voice
    fault = the_fault(with_message("es", "q2", voice=text.replace("3", "tres")))
    assert fault.what == "q2 (voice) in es does not name the key 3"


@pytest.mark.parametrize("guards", ["max_steps_per_turn", "max_turns"])
def test_every_guard_hands_over_to_a_person_and_says_so(guards: str):
    """Whatever the limits are: no error, a human asked for, and words on both channels."""
    flow = replace(SHIPPED.flow, guards=replace(SHIPPED.flow.guards, **{guards: 1}))
    for channel in Channel:
        talk = Talk(channel, flow=flow)
        for _ in range(3):
            step = talk.text("hello") if channel is Channel.SMS else talk.press("1")
        assert isinstance(flow.nodes[step.session.node], Person)
        assert talk.session.memory["needed"] == "1"
        assert all(SHIPPED.catalogue.text(prompt, channel) for prompt in step.prompts)
