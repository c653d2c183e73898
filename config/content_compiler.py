"""Checked content files put together; what does not fit together is found here."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar

from config import content_flow as build
from config import content_nodes
from config import content_shapes as shapes
from config.content_files import Checked, Files
from config.content_words import Words
from flows.catalogue import Catalogue, Forms, Language, Number
from flows.definition import CheckIns, FaqEntry, Flow, Guards
from flows.events import Channel
from flows.fault import Fault
from flows.hours import Office
from flows.loaded import Chart, LoadedContent, Part, Place, Vetted
from flows.nodes import Ask, Node, Say
from flows.safety import Lexicon
from flows.urgency import Urgency

S = TypeVar("S", bound=shapes.Shape)


class ContentFaults(ValueError):
    """Everything that keeps the content from being used, one fault a line."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Compiler:
    """Puts checked files together; collects the faults that only several files together show."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._faults: list[Fault] = []
        self._where: dict[tuple[Part, str], Place] = {}
        self._line = self._one(shapes.LineFile)
        self._conversation = self._one(shapes.ConversationFile)
        others = sorted(code for code in files.languages if code != self._line.shape.default_language)
        self._codes = (self._line.shape.default_language, *others)
        self._words = Words({code: self._in(code, shapes.WordsFile).shape.words for code in self._codes})

    def content(self, lexicon: Lexicon, version: str) -> LoadedContent:
        """Everything compiled.

        Raises:
            ContentFaults: parts do not fit together.

        """
        nodes, charts = self._nodes()
        catalogue = self._catalogue()
        faq = tuple(self._faq())
        vetted = tuple(self._vetted())
        flow = self._flow(version, lexicon, nodes, faq)
        if self._faults or flow is None:
            raise ContentFaults(tuple(sorted(self._faults)))
        return LoadedContent(flow, catalogue, charts, vetted, MappingProxyType(self._where))

    def _flow(
        self, version: str, lexicon: Lexicon, nodes: Mapping[str, Node], faq: tuple[FaqEntry, ...]
    ) -> Flow | None:
        shape = self._conversation.shape
        scripts = self._one(shapes.ScriptsFile)
        for name in scripts.shape.scripts:
            self._mark(Part.SCRIPT, name, scripts, "scripts", name)
        try:
            return Flow(
                version=version,
                nodes=nodes,
                places=build.places(shape.places),
                lines=build.lines(shape.lines),
                tongues=tuple(build.tongue(code, self._in(code, shapes.LanguageFile).shape) for code in self._codes),
                lexicon=lexicon,
                commands=build.commands(shape, self._words),
                scripts=MappingProxyType({n: build.script(n, s) for n, s in scripts.shape.scripts.items()}),
                triage=build.table(self._one(shapes.TriageFile).shape),
                page_from=Urgency.from_word(shape.page_from),
                faq=faq,
                offers=build.offers(shape.offers, self._words),
                expiry=MappingProxyType({Channel(name): build.seconds(s) for name, s in shape.expiry}),
                check_ins=CheckIns(tuple(build.seconds(s) for s in shape.check_ins)),
                guards=Guards(**shape.guards.model_dump()),
                moves=MappingProxyType(dict(shape.moves)),
                safe_times=build.safe_times(self._line.shape.safe_times),
            )
        except ValueError as fault:
            self._fault(self._conversation, str(fault), "Name a node of the right kind", "places")
            return None

    def _nodes(self) -> tuple[Mapping[str, Node], tuple[Chart, ...]]:
        nodes: dict[str, Node] = {}
        offices = self._offices()
        charts: list[Chart] = []
        for file in self._files.of(shapes.NodesFile):
            for name, shape in file.shape.nodes.items():
                if name in nodes:
                    self._fault(file, f"the node {name} stands in two files", "Rename one", "nodes", name)
                self._mark(Part.NODE, name, file, "nodes", name)
                nodes[name] = self._node(file, name, shape, offices)
            charts.append(Chart(file.stem, file.shape.title, tuple(file.shape.nodes)))
        for code in self._codes:
            self._add_language(code, nodes)
        return MappingProxyType(nodes), tuple(charts)

    def _offices(self) -> Mapping[str, Office]:
        files = (file.shape.offices for file in self._files.of(shapes.OfficesFile))
        return {name: build.office(name, shape) for offices in files for name, shape in offices.items()}

    def _node(
        self, file: Checked[shapes.NodesFile], name: str, shape: shapes.NodeShape, offices: Mapping[str, Office]
    ) -> Node:
        for office in content_nodes.offices_named(shape):
            if office not in offices:
                what = f"{name} asks whether the office {office} is open, and there is none"
                self._fault(file, what, "Add it to offices.yaml, or mend the name", "nodes", name)
                return Say(name, (), "@same")
        times = self._line.shape.safe_times
        for unknown in sorted(set(content_nodes.safe_times_named(shape)) - set(() if times is None else times.spans)):
            what = f"an answer of {name} names the safe time {unknown}, and there is none"
            self._fault(file, what, "Add it to safe_times in line.yaml, or mend the name", "nodes", name)
        return content_nodes.node(name, shape, self._words, offices)

    def _add_language(self, code: str, nodes: dict[str, Node]) -> None:
        """A language brings its key in the main menu, and the question whether to go on in it once it is guessed."""
        file = self._in(code, shapes.LanguageFile)
        menu = nodes.get(self._conversation.shape.places.menu)
        if isinstance(menu, Ask):
            nodes[menu.id] = content_nodes.with_language(menu, code, file.shape)
        if file.shape.marks:
            confirm = content_nodes.confirm_node(code, self._words)
            nodes[confirm.id] = confirm
            self._mark(Part.NODE, confirm.id, file, "marks")

    def _catalogue(self) -> Catalogue:
        numbers = self._one(shapes.NumbersFile)
        for name in numbers.shape.numbers:
            self._mark(Part.NUMBER, name, numbers, "numbers", name)
        return Catalogue(
            default=self._codes[0],
            languages=MappingProxyType({code: self._language(code) for code in self._codes}),
            messages=MappingProxyType({code: MappingProxyType(self._messages(code)) for code in self._codes}),
            numbers=MappingProxyType({n: Number(**dict(s)) for n, s in numbers.shape.numbers.items()}),
            line=MappingProxyType(dict(self._line.shape.facts)),
            examples=MappingProxyType(dict(self._line.shape.examples)),
        )

    def _language(self, code: str) -> Language:
        shape = self._in(code, shapes.LanguageFile).shape
        return Language(code, shape.name, shape.tag, shape.voice)

    def _messages(self, code: str) -> dict[str, Forms]:
        found: dict[str, Forms] = {}
        likes: list[tuple[Checked[shapes.MessagesFile], str, str]] = []
        for file in self._files.of(shapes.MessagesFile, f"messages/{code}/"):
            for name, shape in file.shape.messages.items():
                if self._known(Part.MESSAGE, f"{code}/{name}"):
                    self._fault(file, f"the message {name} stands twice", "Keep one", "messages", name)
                self._mark(Part.MESSAGE, f"{code}/{name}", file, "messages", name)
                if isinstance(shape, shapes.LikeShape):
                    likes.append((file, name, shape.like))
                else:
                    found[name] = build.forms(shape)
        for file, name, like in likes:
            if like in found:
                found[name] = found[like]
            else:
                self._fault(file, f"there is no message {like} with words", "Name one that has words", "messages", name)
        return found

    def _known(self, part: Part, name: str) -> bool:
        return (part, name) in self._where

    def _faq(self) -> Iterator[FaqEntry]:
        file = self._one(shapes.FaqFile)
        asked = {code: self._in(code, shapes.QuestionsFile) for code in self._codes}
        for name, shape in file.shape.faq.items():
            self._mark(Part.FAQ, name, file, "faq", name)
            forms = {code: questions.shape.questions.get(name, []) for code, questions in asked.items()}
            yield build.faq_entry(name, shape, forms, self._words)
        for code, questions in asked.items():
            self._mark(Part.WORDS, code, self._in(code, shapes.WordsFile), "words")
            for name in questions.shape.questions.keys() - file.shape.faq.keys():
                what = f"faq.yaml has no entry {name}"
                self._fault(questions, what, "Mend the name, or add the entry", "questions", name)
            self._mark(Part.QUESTIONS, code, questions, "questions")

    def _vetted(self) -> Iterator[Vetted]:
        faq = self._one(shapes.FaqFile)
        for name, one in faq.shape.faq.items():
            yield Vetted(Part.FAQ, name, tuple(one.sources), one.reviewed_on, one.expires_on, faq.shape.sign_off)
        abouts = (
            *self._abouts(shapes.ScriptsFile, lambda shape: shape.about),
            *self._abouts(shapes.TriageFile, lambda shape: shape.about),
            *self._abouts(shapes.MessagesFile, lambda shape: shape.about),
        )
        for place, about in abouts:
            self._where[(Part.SETTING, place.file)] = place
            sources = tuple(about.sources)
            yield Vetted(Part.SETTING, place.file, sources, about.reviewed_on, about.expires_on, about.sign_off)

    def _abouts(
        self, shape: type[S], about_of: Callable[[S], shapes.About | None]
    ) -> Iterator[tuple[Place, shapes.About]]:
        for file in self._files.of(shape):
            about = about_of(file.shape)
            if about is not None:
                yield Place(file.file, file.line("about")), about

    def _one(self, shape: type[S]) -> Checked[S]:
        """The one file of this shape; `read_files` has refused a directory without it."""
        return next(self._files.of(shape))

    def _in(self, code: str, shape: type[S]) -> Checked[S]:
        found = next(self._files.of(shape, f"messages/{code}/"), None)
        if found is None:
            raise ContentFaults((_no_language(code),))
        return found

    def _mark(self, part: Part, name: str, file: Checked[S], *path: str) -> None:
        self._where[(part, name)] = Place(file.file, file.line(*path))

    def _fault(self, file: Checked[S], what: str, mend: str, *path: str) -> None:
        self._faults.append(Fault(file.file, file.line(*path), what, mend))


def _no_language(code: str) -> Fault:
    return Fault(
        "line.yaml", 0, f"default_language names {code}, and there is no messages/{code}", "Name a language folder"
    )
