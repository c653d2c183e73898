"""The texts the line may say: message id x language x channel, with numbers by name and placeholders filled.

A template holds four kinds of placeholder: `{name}` a value the moment supplies, `{spell:name}` the same said letter by
letter in a call, `{number:poison}` a hotline number by its name, `{line:name}` a fact about this helpline.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from flows.events import Channel
from flows.step import Prompt

PLACEHOLDER = re.compile(r"\{(?:(?P<kind>number|line|spell):)?(?P<name>[a-z][a-z0-9_]*)\}")
LAST_RESORT = "safe_fallback"


@dataclass(frozen=True, slots=True)
class Forms:
    """One message in one language, as it is texted and as it is spoken."""

    sms: str
    voice: str

    def on(self, channel: Channel) -> str:
        """The template for a channel."""
        return self.sms if channel is Channel.SMS else self.voice

    @property
    def placeholders(self) -> frozenset[str]:
        """Every placeholder of both forms, as written between the braces."""
        return placeholders_of(self.sms) | placeholders_of(self.voice)


@dataclass(frozen=True, slots=True)
class Number:
    """A hotline number: how it is dialled, who at this helpline answers for it, and until when it may be shown."""

    dial: str
    service: str
    source: str
    owner: str
    checked_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class Language:
    """How a language is called, spoken and asked for; `tag` and `voice` go into TwiML's Say."""

    code: str
    name: str
    tag: str
    voice: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every text of the line. `text` always gives one: a missing message is the review's fault, not the caller's."""

    default: str
    languages: Mapping[str, Language]
    messages: Mapping[str, Mapping[str, Forms]]
    numbers: Mapping[str, Number]
    line: Mapping[str, str]
    examples: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def text(self, prompt: Prompt, channel: Channel) -> str:
        """The prompt as it is texted or spoken.

        Falls back from the language asked for ("es-MX") to its root ("es") to the default language, and from a message
        nobody has to the safe fallback text, which says where help is.
        """
        forms = self.forms(prompt.message, prompt.language) or self.forms(LAST_RESORT, prompt.language)
        return "" if forms is None else self.fill(forms.on(channel), channel, prompt.params)

    def forms(self, message: str, language: str) -> Forms | None:
        """Both templates of a message, by the fallback chain; None where no language has it."""
        for code in self._chain(language):
            if message in self.messages[code]:
                return self.messages[code][message]
        return None

    def language(self, code: str) -> Language:
        """How to speak a language; the default language for one this line does not have."""
        return self.languages[next(iter(self._chain(code)))]

    def fill(self, template: str, channel: Channel, params: Mapping[str, str]) -> str:
        """The template with every placeholder replaced; a value nobody gave is left out."""
        filled = PLACEHOLDER.sub(lambda found: self._value(found, channel, params), template)
        return re.sub(r"[ \t]{2,}", " ", filled).strip()

    def example(self, template: str, channel: Channel) -> str:
        """The template with its longest real values, as the review measures it."""
        return self.fill(template, channel, self.examples)

    def _chain(self, language: str) -> tuple[str, ...]:
        wanted = (language, language.split("-", maxsplit=1)[0], self.default)
        return tuple(dict.fromkeys(code for code in wanted if code in self.messages))

    def _value(self, found: re.Match[str], channel: Channel, params: Mapping[str, str]) -> str:
        name = found["name"]
        match found["kind"]:
            case "number":
                return spoken(self.numbers[name].dial, channel) if name in self.numbers else ""
            case "line":
                return self.line.get(name, "")
            case "spell":
                return spoken(params.get(name, ""), channel)
            case _:
                return params.get(name, "")


def placeholders_of(template: str) -> frozenset[str]:
    """The placeholders of a template, as written between the braces."""
    return frozenset(found[0][1:-1] for found in PLACEHOLDER.finditer(template))


def spoken(value: str, channel: Channel) -> str:
    """A number or code as a person needs it: as written in a text, character by character in a call.

    Example: "1-800-222-1222" is said "1, 8 0 0, 2 2 2, 1 2 2 2".
    """
    if channel is Channel.SMS:
        return value
    return ", ".join(" ".join(group) for group in value.split("-") if group)
