"""What is proved of the texts: all there, alike in every language, short enough to send and say, easy to read."""

import re
from collections.abc import Iterator

from flows.catalogue import PLACEHOLDER, Catalogue, Forms, placeholders_of
from flows.events import Channel
from flows.fault import Fault
from flows.loaded import LoadedContent, Part, Place
from flows.nodes import Ask, Decide, Person
from flows.reading_grade import too_hard
from flows.segments import characters_outside_gsm7, size_of
from flows.service_messages import PAGES_SAY_ONLY, SERVICE_MESSAGES

MOST_SEGMENTS = 2
WORDS_A_MINUTE = 150
LONGEST_SPEECH_S = 20
LONGEST_GREETING_S = 12  # the first thing a caller hears
_SPOKEN_WORD = re.compile(r"[^\W_]+(?:['.-][^\W_]+)*")


def text_faults(loaded: LoadedContent) -> Iterator[Fault]:
    """Every fault of the texts."""
    yield from _missing(loaded)
    yield from _unlike(loaded)
    for code, messages in loaded.catalogue.messages.items():
        for name, forms in messages.items():
            place = loaded.place(Part.MESSAGE, f"{code}/{name}")
            yield from _placeholder_faults(loaded.catalogue, name, forms, place)
            yield from _length_faults(loaded.catalogue, name, forms, place)
            yield from _grade_faults(loaded.catalogue, name, forms, place, code)
    yield from _greeting_faults(loaded)


def messages_said(loaded: LoadedContent) -> frozenset[str]:
    """Every message that the flow or the service can say."""
    flow = loaded.flow
    said = {message for line in flow.lines.__slots__ for message in getattr(flow.lines, line)}
    for node in flow.nodes.values():
        said |= set() if isinstance(node, Decide) else set(node.say)
        if isinstance(node, Ask):
            said |= set(node.again)
        if isinstance(node, Person):
            said |= {*node.waiting, *node.on_hold}.union(*node.states.values())
        if isinstance(node, Ask | Person):
            said |= {message for choice in node.choices for message in choice.says}
    said |= {message for script in flow.scripts.values() for message in script.say}
    said |= {*flow.offers.say, *flow.offers.enough_say}
    said |= {message for entry in flow.faq for message in (*entry.say, entry.offer)}
    offline = {f"offline_{script}" for script in flow.lexicon.scripts.values()}
    return frozenset(said | offline | SERVICE_MESSAGES.keys())


def seconds_of(spoken: str) -> float:
    """How long a text takes to say; each digit of a spelled number counts as a word."""
    return len(_SPOKEN_WORD.findall(spoken)) * 60 / WORDS_A_MINUTE


def _missing(loaded: LoadedContent) -> Iterator[Fault]:
    catalogue = loaded.catalogue
    everywhere = messages_said(loaded).union(*catalogue.messages.values())
    for code, messages in catalogue.messages.items():
        for name in sorted(everywhere - messages.keys()):
            there = next((other for other, has in catalogue.messages.items() if name in has), None)
            place = Place(f"messages/{code}") if there is None else loaded.place(Part.MESSAGE, f"{there}/{name}")
            what = f"the message {name} is missing in {code}"
            yield Fault(place.file, place.line, what, f"Write it in a file of messages/{code}")


def _unlike(loaded: LoadedContent) -> Iterator[Fault]:
    catalogue = loaded.catalogue
    for name, model in catalogue.messages[catalogue.default].items():
        for code, messages in catalogue.messages.items():
            for channel in Channel:
                expected = _names(model.on(channel))
                given = _names(messages[name].on(channel)) if name in messages else expected
                if given != expected:
                    place = loaded.place(Part.MESSAGE, f"{code}/{name}")
                    what = (
                        f"{name} ({channel.value}) in {code} has the placeholders {_list(given)}, not {_list(expected)}"
                    )
                    yield Fault(place.file, place.line, what, f"Use the same as in {catalogue.default}")


def _names(template: str) -> frozenset[str]:
    return frozenset(name.removeprefix("spell:") for name in placeholders_of(template))


def _list(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"


def _placeholder_faults(catalogue: Catalogue, name: str, forms: Forms, place: Place) -> Iterator[Fault]:
    for found in (match for form in (forms.sms, forms.voice) for match in PLACEHOLDER.finditer(form)):
        if (wrong := _unknown(catalogue, name, found)) is not None:
            yield Fault(place.file, place.line, f"{name}: {wrong[0]}", wrong[1])
    for form in (forms.sms, forms.voice):
        if re.search(r"[{}]", PLACEHOLDER.sub("", form)):
            yield Fault(place.file, place.line, f"{name} has a brace that belongs to no placeholder", "Mend the braces")


def _unknown(catalogue: Catalogue, message: str, found: re.Match[str]) -> tuple[str, str] | None:
    name = found["name"]
    supplied = SERVICE_MESSAGES.get(message, catalogue.examples.keys())
    if found["kind"] == "number":
        known = name in catalogue.numbers
        return None if known else (f"there is no number {name}", "Add it to numbers.yaml, or mend the name")
    if found["kind"] == "line":
        return None if name in catalogue.line else (f"there is no fact {name}", "Add it to the facts of line.yaml")
    if message.startswith("page") and name not in PAGES_SAY_ONLY:
        return f"a page must not carry {{{name}}}", f"A page may carry {_list(PAGES_SAY_ONLY)} only"
    if name not in supplied:
        return f"nothing fills in {{{name}}} here", f"What can be filled in is {_list(frozenset(supplied))}"
    if name not in catalogue.examples:
        return f"there is no example of {{{name}}}", "Add its longest value to the examples of line.yaml"
    return None


def _length_faults(catalogue: Catalogue, name: str, forms: Forms, place: Place) -> Iterator[Fault]:
    size = size_of(catalogue.example(forms.sms, Channel.SMS))
    if size.segments > MOST_SEGMENTS:
        outside = " ".join(characters_outside_gsm7(forms.sms))
        why = f", because of {outside}" if outside else ""
        what = f"{name} needs {size.segments} SMS segments ({size.units} {size.encoding} units{why})"
        yield Fault(place.file, place.line, what, f"Shorten it to {MOST_SEGMENTS} segments")
    said = seconds_of(catalogue.example(forms.voice, Channel.VOICE))
    if said > LONGEST_SPEECH_S:
        what = f"{name} takes {said:.0f} s to say, more than {LONGEST_SPEECH_S}"
        yield Fault(place.file, place.line, what, "Shorten its voice form; each digit of a number counts as a word")


def _grade_faults(catalogue: Catalogue, name: str, forms: Forms, place: Place, code: str) -> Iterator[Fault]:
    tag = catalogue.languages[code].tag
    for form, text in (("sms", forms.sms), ("voice", forms.voice)):
        if wrong := too_hard(PLACEHOLDER.sub("", text), tag):
            what = f"{name} ({form}) is hard to read: {wrong}"
            yield Fault(place.file, place.line, what, "Use shorter words and sentences")


def _greeting_faults(loaded: LoadedContent) -> Iterator[Fault]:
    catalogue, start = loaded.catalogue, loaded.flow.nodes[loaded.flow.start]
    for code, messages in catalogue.messages.items():
        first = () if isinstance(start, Decide) else tuple(messages[one] for one in start.say if one in messages)
        said = sum(seconds_of(catalogue.example(forms.voice, Channel.VOICE)) for forms in first)
        if said > LONGEST_GREETING_S:
            place = loaded.place(Part.NODE, loaded.flow.start)
            what = f"the greeting takes {said:.0f} s to say in {code}, more than {LONGEST_GREETING_S}"
            yield Fault(place.file, place.line, what, "Shorten its voice form")
