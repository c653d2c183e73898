"""Every document a call can get, reached by walking the shipped content with keys, silence and words, checked."""

import pytest

from tests.helpline.voice_walk import PUBLIC, Walk, faults


@pytest.mark.parametrize("withheld", [False, True], ids=["number shown", "number withheld"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_document_a_caller_can_reach_is_sound(language, withheld):
    walk, wrong, said, count = Walk(language), {}, set(), 0
    for history, document in walk.documents(withheld):
        count += 1
        if document not in said and (found := faults(document, PUBLIC)):
            wrong[history] = found
        said.add(document)
    assert wrong == {}
    nodes = {"I heard" if language == "en" else "Oí", "2 0 2, 5 5 5, 0 1 2 3", "<Record", "<Hangup"}
    everything = " ".join(said)
    assert [word for word in nodes if word not in everything] == []
    assert count > 1_000
