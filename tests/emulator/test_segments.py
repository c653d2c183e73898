import pytest

from emulator.segments import segments


@pytest.mark.parametrize(
    ("text", "encoding", "count"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("a" * 152 + "€" * 77, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("ç", "UCS-2", 1),
        ("Ç", "GSM-7", 1),
        ("á" * 70, "UCS-2", 1),
        ("á" * 71, "UCS-2", 2),
        ("😀" * 35, "UCS-2", 1),
        ("😀" * 36, "UCS-2", 2),
        ("á" + "😀" * 66, "UCS-2", 2),
        ("á" * 2 + "😀" * 66, "UCS-2", 3),
        ("`", "UCS-2", 1),
    ],
)
def test_parts_are_counted_as_twilio_bills_them(text, encoding, count):
    found = segments(text)
    assert (found.encoding, found.count) == (encoding, count)
