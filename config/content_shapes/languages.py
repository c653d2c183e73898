"""The shapes of the files of one language: its name, words, questions and texts."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, StringConstraints, Tag

from config.content_shapes.basics import About, Id, Key, Line, Shape, Text


class LanguageFile(Shape):
    """A language."""

    name: Line = Field(description="What it calls itself.")
    tag: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
    voice: Line = Field(description="The Twilio voice that speaks it.")
    key: Key = Field(description="The digit that chooses it in the main menu.")
    words: list[Line] = Field(description="Whole answers that ask for it, at any time.")
    marks: list[Line] = Field(default=[], description="Everyday words that no other language here uses.")
    numbers: dict[Key, list[Line]] = Field(default={}, description="Words for numbers, by the digit they mean.")
    polite: list[Line] = Field(default=[], description="Words around an answer that mean nothing.")
    joins: list[Line] = Field(default=[], description="Words between two answers.")
    turns: list[Line] = Field(default=[], description="Words after which a no is no longer a no.")


class WordsFile(Shape):
    """What people say for each answer."""

    words: dict[Id, Annotated[list[Line], Field(min_length=1)]]


class QuestionsFile(Shape):
    """How people put the FAQ's questions."""

    questions: dict[Id, Annotated[list[Line], Field(min_length=1)]]


class FormsShape(Shape):
    """A message as it is texted and as it is spoken."""

    sms: Text
    voice: Text


class OneText(Shape):
    """A message that is texted and spoken alike."""

    text: Text


class LikeShape(Shape):
    """A message with the words of another one."""

    like: Id


def _form(value: Any) -> str:
    given = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return next((form for form in ("text", "like") if form in given), "forms")


MessageShape = Annotated[
    Annotated[OneText, Tag("text")] | Annotated[LikeShape, Tag("like")] | Annotated[FormsShape, Tag("forms")],
    Discriminator(_form),
]


class MessagesFile(Shape):
    """Texts in one language."""

    about: About | None = Field(default=None, description="Needed where the file states facts about health or drugs.")
    messages: dict[Id, MessageShape]
