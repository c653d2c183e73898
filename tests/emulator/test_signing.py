import pytest

from emulator.signing import Product, signature, signed_url

CALL = {"CallSid": "CA1234567890ABCDE", "Digits": "1234", "To": "+18005551212"}


@pytest.mark.parametrize(
    ("url", "number", "expected"),
    [
        ("https://example.com/myapp.php?foo=1&bar=2", "+14158675310", "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        ("https://mycompany.com/myapp.php?foo=1&bar=2", "+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ],
)
def test_twilios_published_vectors_are_reproduced(url, number, expected):
    assert signature("12345", url, CALL | {"From": number, "Caller": number}, Product.VOICE) == expected


@pytest.mark.parametrize(
    ("product", "url", "signed"),
    [
        (Product.VOICE, "https://u:p@h:8443/x?a=%7E#rc=2", "https://h/x?a=%7E"),
        (Product.MESSAGING, "https://u:p@h:8443/x?a=%7E#rc=2", "https://h:8443/x?a=%7E"),
        (Product.VOICE, "http://h:8080/x", "http://h:8080/x"),
        (Product.VOICE, "https://h:443", "https://h"),
        (Product.MESSAGING, "https://h/x?", "https://h/x?"),
    ],
)
def test_userinfo_and_fragment_go_and_the_port_goes_for_voice_over_https(product, url, signed):
    assert signed_url(url, product) == signed


def test_duplicate_values_are_signed_once_and_sorted():
    once = signature("t", "http://h/", {"a": ["2", "1", "2"]}, Product.VOICE)
    assert once == signature("t", "http://h/", {"a": ["1", "2"]}, Product.VOICE)
    assert once != signature("t", "http://h/", {"a": ["1"]}, Product.VOICE)
