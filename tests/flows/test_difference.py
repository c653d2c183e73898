"""What changed between two contents."""

from dataclasses import replace

from config import content
from flows.catalogue import Forms
from flows.difference import Change, differences, stranded
from flows.loaded import LoadedContent
from flows.nodes import Say

SHIPPED = content.load()


def with_nodes(**nodes: object) -> LoadedContent:
    kept = {name: node for name, node in {**SHIPPED.flow.nodes, **nodes}.items() if node is not None}
    return replace(SHIPPED, flow=replace(SHIPPED.flow, nodes=kept))


def with_text(name: str, text: str) -> LoadedContent:
    messages = {**SHIPPED.catalogue.messages}
    messages["en"] = {**messages["en"], name: Forms(text, messages["en"][name].voice)}
    return replace(SHIPPED, catalogue=replace(SHIPPED.catalogue, messages=messages))


def test_the_same_content_has_no_difference():
    assert differences(SHIPPED, SHIPPED) == ()
    assert stranded(SHIPPED, SHIPPED) == ()


def test_a_changed_text_shows_only_the_form_that_changed():
    (found,) = differences(SHIPPED, with_text("more_time", "No hurry."))
    assert (found.part, found.id, found.change) == ("message en", "more_time", Change.DIFFERS)
    assert found.was == "sms: Take your time."
    assert found.now == "sms: No hurry."
    assert str(found) == "changed message en more_time\n    - sms: Take your time.\n    + sms: No hurry."


def test_a_new_node_and_one_that_is_gone_are_told():
    new = with_nodes(extra=Say("extra", ("welcome",), "menu"), offer=None)
    told = {(one.id, one.change) for one in differences(SHIPPED, new)}
    assert told == {("extra", Change.CAME), ("offer", Change.WENT)}


def test_a_node_that_leads_elsewhere_is_told():
    signs = SHIPPED.flow.nodes["signs"]
    (found,) = differences(SHIPPED, with_nodes(signs=replace(signs, go="menu")))
    assert (found.was, found.now) == ("go: contact", "go: menu")


def test_a_changed_rule_of_the_table_is_told():
    rules = SHIPPED.flow.triage.rules[1:]
    new = replace(SHIPPED, flow=replace(SHIPPED.flow, triage=replace(SHIPPED.flow.triage, rules=rules)))
    assert {one.part for one in differences(SHIPPED, new)} == {"rule"}


def test_a_changed_setting_and_number_are_told():
    numbers = {**SHIPPED.catalogue.numbers, "poison": replace(SHIPPED.catalogue.numbers["poison"], dial="1")}
    new = replace(
        SHIPPED,
        flow=replace(SHIPPED.flow, check_ins=replace(SHIPPED.flow.check_ins, after=())),
        catalogue=replace(SHIPPED.catalogue, numbers=numbers),
    )
    assert [(one.part, one.id) for one in differences(SHIPPED, new)] == [("number", "poison"), ("setting", "check_ins")]


def test_callers_waiting_at_a_node_that_is_gone_are_counted_unless_it_is_mapped():
    gone = with_nodes(offer=None)
    assert stranded(SHIPPED, gone) == ("offer",)
    mapped = replace(gone, flow=replace(gone.flow, moves={"offer": "menu"}))
    assert stranded(SHIPPED, mapped) == ()


def test_settings_that_are_no_records_are_shown_whole():
    changed = replace(SHIPPED, flow=replace(SHIPPED.flow, moves={"old": "q1"}))
    (difference,) = differences(SHIPPED, changed)
    assert (difference.part, difference.id, difference.now) == ("setting", "moves", "old q1")
