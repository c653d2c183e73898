"""Content that changes while people are in the middle of it, on the real application and a real Redis."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from config import content as content_files
from helpline.content.live import LiveContent
from helpline.content.watch import ContentWatch
from helpline.conversation import KEEP_AGAIN
from helpline.store import keys
from tests.config.content_copy import ContentCopy
from tests.helpline.inside import BEGIN, Inside, inside

PROGRAMS = "nodes/answers.yaml"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> ContentCopy:
    return ContentCopy(tmp_path_factory.mktemp("c"))


@pytest.fixture(scope="module")
def original(copy: ContentCopy) -> dict[str, str]:
    return dict(content_files.files_of(copy.directory))


@pytest.fixture(scope="module")
def module_line(copy: ContentCopy, original: dict[str, str], tmp_path_factory: pytest.TempPathFactory):
    with inside(tmp_path_factory.mktemp("v"), CONTENT_DIR=str(copy.directory)) as line:
        yield line


@pytest.fixture(scope="module")
def first(module_line: Inside):
    content = module_line.services.content
    return content.live, content.policy, content.files


@pytest.fixture
def line(module_line: Inside, copy: ContentCopy, original: dict[str, str], first) -> Inside:
    """The line with its first content live, as if it had just been started."""
    for path in copy.directory.rglob("*.yaml"):
        path.unlink()
    for name, text in original.items():
        copy.write(name, text)
    live = module_line.services.content
    live.live, live.policy, live.files = first
    live.refused, live._older, live.kept = (), {}, {}
    return module_line


@pytest.fixture
def watch(line: Inside, copy: ContentCopy) -> ContentWatch:
    return ContentWatch(line.services.content, copy.directory, line.clock)


numbers = iter(f"+1202555{n:04d}" for n in range(100, 200))


def deployed(watch: ContentWatch) -> None:
    """Two looks in a row that find the same new files let them go live."""
    watch.look()
    watch.look()


def session_of(line: Inside, number: str):
    key = line.services.store.vault.caller_key(number)
    return line.services.store.transact(lambda tx: tx.session(f"sms-{key}"))


def with_other_programs(copy: ContentCopy) -> None:
    """`programs` asks something else, and key 1 means something else there."""
    copy.change(PROGRAMS, '{key: "1", words: php, says: p_php, go: program_next}', '{key: "1", words: php, go: menu}')
    copy.change("messages/en/answers.yaml", "  programs:\n", "  programs_old:\n")
    copy.change("messages/es/answers.yaml", "  programs:\n", "  programs_old:\n")
    for code, words in (("en", "New question. 0 a person."), ("es", "Otra pregunta. 0 una persona.")):
        copy.write(f"messages/{code}/new.yaml", f'messages:\n  programs:\n    text: "{words}"\n')


def test_a_conversation_goes_on_with_the_content_it_began_with(line: Inside, copy: ContentCopy, watch: ContentWatch):
    number = next(numbers)
    line.text(number, "hi")
    begun = session_of(line, number).content
    asked = line.text(number, "programs")
    with_other_programs(copy)
    deployed(watch)
    assert line.services.content.flow.version != begun
    newcomer = next(numbers)
    line.text(newcomer, "hi")
    assert "New question" in line.text(newcomer, "programs")
    answered = line.text(number, "1")
    assert "New question" not in asked
    assert "changed" not in answered
    assert session_of(line, number).content == begun
    assert session_of(line, number).node == "program_next"


def test_a_process_that_never_saw_the_old_content_takes_it_from_the_archive(
    line: Inside, copy: ContentCopy, watch: ContentWatch
):
    number = next(numbers)
    line.text(number, "hi")
    line.text(number, "programs")
    with_other_programs(copy)
    deployed(watch)
    line.services.content._older.clear()  # what a new process knows
    line.text(number, "1")
    assert session_of(line, number).node == "program_next"


def test_an_over_conversation_begins_again_with_the_live_content(line: Inside, copy: ContentCopy, watch: ContentWatch):
    number = next(numbers)
    line.text(number, "hi")
    line.text(number, "x")
    copy.change("line.yaml", "name: Bold Steps", "name: Bolder Steps")
    deployed(watch)
    line.text(number, "hello again")
    assert session_of(line, number).content == line.services.content.flow.version


def test_who_comes_back_after_long_goes_on_in_the_live_content(line: Inside, copy: ContentCopy, watch: ContentWatch):
    number = next(numbers)
    line.text(number, "hi")
    line.text(number, "programs")
    with_other_programs(copy)
    deployed(watch)
    line.clock.forward(hours=5)
    assert "Welcome back" in line.text(number, "1")
    assert session_of(line, number).content == line.services.content.flow.version
    assert "New question" in line.text(number, "1")


def test_an_explicit_move_takes_the_conversation_along(line: Inside, copy: ContentCopy, watch: ContentWatch):
    number = next(numbers)
    line.text(number, "hi")
    line.text(number, "programs")
    with_other_programs(copy)
    copy.write("conversation.yaml", copy.read("conversation.yaml") + "\nmoves: {programs: after_answer}\n")
    deployed(watch)
    line.text(number, "1")  # "another question" at after_answer
    session = session_of(line, number)
    assert (session.content, session.node) == (line.services.content.flow.version, "questions")


def test_without_the_old_content_the_caller_is_told_and_asked_anew(
    line: Inside, copy: ContentCopy, watch: ContentWatch
):
    number = next(numbers)
    line.text(number, "hi")
    line.text(number, "programs")
    begun = session_of(line, number).content
    with_other_programs(copy)
    deployed(watch)
    line.services.content._older.clear()
    line.redis.delete(keys.content(begun))
    answer = line.text(number, "1")
    assert "Our menu has changed" in answer
    assert "New question" in answer


def test_a_node_that_is_gone_lands_where_it_is_said(line: Inside, copy: ContentCopy, watch: ContentWatch):
    number = next(numbers)
    line.text(number, "hi")
    line.text(number, "programs")
    begun = session_of(line, number).content
    copy.write(PROGRAMS, re.sub(r"\bprograms\b(?=[:}])", "our_programs", copy.read(PROGRAMS)))
    for file in ("nodes/menu.yaml", PROGRAMS):
        copy.write(file, copy.read(file).replace("go: programs}", "go: our_programs}"))
    copy.write(PROGRAMS, copy.read(PROGRAMS).replace("words: our_programs", "words: programs"))
    deployed(watch)
    assert line.services.content.refused == ()
    line.services.content._older.clear()
    line.redis.delete(keys.content(begun))
    assert "Our menu has changed" in line.text(number, "1")
    assert session_of(line, number).node == "landing"


def test_scripts_and_hotline_numbers_are_the_newest_for_everybody(line: Inside, copy: ContentCopy, watch: ContentWatch):
    number = next(numbers)
    line.text(number, "hi")
    begun = session_of(line, number).content
    copy.change("messages/en/scripts.yaml", '  od:\n    sms: "', '  od:\n    sms: "Newest words. ')
    deployed(watch)
    assert line.services.content.refused == ()
    answer = line.text(number, "my friend overdosed and wont wake up")
    assert session_of(line, number).content == begun
    assert "Newest words." in answer


def test_a_timer_rings_in_the_content_it_was_set_in(line: Inside, copy: ContentCopy, watch: ContentWatch):
    number = next(numbers)
    line.text(number, "hi")
    line.text(number, "1")
    session = session_of(line, number)
    assert session.node == "q1"
    triage = copy.read("nodes/triage.yaml")
    copy.write("nodes/triage.yaml", triage.replace("\n  q1:\n", "\n  first:\n").replace("go: q1}", "go: first}"))
    for file in ("conversation.yaml", "nodes/menu.yaml", PROGRAMS):
        copy.write(file, copy.read(file).replace("check: q1", "check: first").replace("go: q1}", "go: first}"))
    copy.write("scripts.yaml", copy.read("scripts.yaml").replace("go: q1,", "go: first,"))
    deployed(watch)
    assert line.services.content.refused == ()
    later = line.clock.now + timedelta(hours=4)
    line.services.conversations.timer(session.id, "session", session.version, later)
    case = line.services.store.transact(lambda tx: tx.case_of(session.caller_key))
    assert case is not None, "a danger question left open is a missing answer, whatever the content says now"


def test_the_content_is_kept_while_a_conversation_needs_it(line: Inside):
    number = next(numbers)
    line.text(number, "hi")
    session = session_of(line, number)
    kept = keys.content(session.content)
    assert line.redis.ttl(kept) >= line.redis.ttl(keys.session(session.id)) + KEEP_AGAIN.total_seconds() - 60
    line.clock.now += KEEP_AGAIN
    line.redis.expire(kept, 60)
    line.text(number, "1")
    assert line.redis.ttl(kept) >= line.redis.ttl(keys.session(session.id)) > 60


def test_content_that_is_live_no_more_is_kept_by_each_turn_of_a_conversation_that_began_with_it(
    line: Inside, copy: ContentCopy, watch: ContentWatch
):
    number = next(numbers)
    line.text(number, "hi")
    kept = keys.content(session_of(line, number).content)
    copy.change("messages/en/scripts.yaml", '  od:\n    sms: "', '  od:\n    sms: "Newest words. ')
    deployed(watch)
    line.redis.expire(kept, 60)
    line.text(number, "1")
    session = session_of(line, number)
    assert keys.content(session.content) == kept
    assert line.redis.ttl(kept) >= line.redis.ttl(keys.session(session.id)) > 60


def test_content_that_cannot_be_used_is_refused_with_reasons_and_the_running_one_stays_live(
    line: Inside, copy: ContentCopy, watch: ContentWatch
):
    content = line.services.content
    live = content.flow.version
    for spoilt, reason in (
        (lambda: copy.write("faq.yaml", "faq: ["), "this is not YAML"),
        (lambda: copy.write("nodes/more.yaml", "a: &a [x]\nb: [*a, *a]\n"), "anchors"),
        (lambda: copy.write("nodes/more.yaml", "# " + "x" * 1_000_000), "1000002 bytes"),
        (
            lambda: copy.write("nodes/more.yaml", "title: T\nnodes: {island: {end: goodbye}}\n"),
            "no way leads to island",
        ),
        (lambda: copy.write("policy.yaml", "urgent: soon"), "policy"),
    ):
        before = {file: copy.read(file) for file in ("faq.yaml", "policy.yaml")}
        spoilt()
        deployed(watch)
        assert content.flow.version == live
        assert any(reason in str(fault) for fault in content.refused), content.refused
        assert "Bold Steps" in line.text(next(numbers), "hi")
        for file, text in before.items():
            copy.write(file, text)
        (copy.directory / "nodes/more.yaml").unlink(missing_ok=True)
    copy.change("line.yaml", "name: Bold Steps", "name: Bolder Steps")
    deployed(watch)
    assert content.refused == ()
    assert "Bolder Steps" in line.text(next(numbers), "hi")


def test_a_half_copied_directory_is_left_alone_until_it_rests(line: Inside, copy: ContentCopy, watch: ContentWatch):
    live = line.services.content.flow.version
    copy.change("line.yaml", "name: Bold Steps", "name: Bolder Steps")
    watch.look()
    copy.change("line.yaml", "name: Bolder Steps", "name: Boldest Steps")
    watch.look()
    assert line.services.content.flow.version == live
    watch.look()
    assert line.services.content.catalogue.line["name"] == "Boldest Steps"


def test_the_watch_looks_by_itself_and_survives_a_directory_that_vanishes(copy: ContentCopy, tmp_path: Path):
    looks = threading.Semaphore(0)

    class Content:
        def reload(self, *_: object) -> None:
            looks.release()
            raise OSError("gone")

    copied = ContentCopy(tmp_path)
    watch = ContentWatch(Content(), copied.directory, lambda: BEGIN, every_s=0.01)
    watch.start()
    for n in range(2):
        copied.write("line.yaml", f"# {n}")
        assert looks.acquire(timeout=20)
    watch.stop()


def test_files_outside_the_content_are_never_written(tmp_path: Path):
    with pytest.raises(content_files.ContentFaults, match="outside"):
        content_files.load_again({"../evil.yaml": "a: b"}, content_files.load().flow.lexicon)


def test_content_this_program_no_longer_understands_counts_as_gone():
    class Archive:
        def content(self, _: str) -> dict[str, str]:
            return {"nodes/old.yaml": "way: back"}

    shipped = content_files.load()
    live = LiveContent(shipped, policy=None, archive=Archive())
    assert live._begun_with("ages-ago") is None
