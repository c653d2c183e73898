"""The music on hold: made by the program beside it, quiet, and served to Twilio without a signature."""

import pytest

from helpline.media import compose
from tests.helpline.inside import inside


def test_the_file_is_what_the_program_composes():
    assert compose.HOLD.read_bytes() == compose.wav()


def test_it_is_quiet_and_begins_and_ends_in_silence():
    made = compose.samples()
    assert 0.01 < max(map(abs, made)) < 0.15
    assert made[0] == 0
    assert abs(made[-1]) < 0.001


@pytest.mark.parametrize(("sample", "code"), [(0.0, 0xFF), (1.0, 0x80), (-1.0, 0x00)])
def test_samples_are_coded_as_the_standard_says(sample, code):
    assert compose.mu_law(sample) == code


def test_the_line_serves_it(tmp_path):
    with inside(tmp_path) as line:
        answer = line.app.test_client().get("/media/hold.wav")
        assert answer.content_type == "audio/wav"
        assert "max-age=86400" in answer.headers["Cache-Control"]
        assert answer.data == compose.HOLD.read_bytes()
