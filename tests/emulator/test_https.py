"""Webhooks over TLS: certificates are checked, and the port is signed as each product does."""

import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask, Response, request
from werkzeug.serving import make_server

CALLER = "+12025550101"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emulator test")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure(certificate) -> Iterator[tuple[str, list[tuple[str, dict[str, str], str]]]]:
    """A server behind TLS: its address, and what it was sent (path, form, signature)."""
    app, seen = Flask("secure"), []

    @app.post("/<path:path>")
    def any_path(path: str) -> Response:
        seen.append((f"/{path}", request.form.to_dict(), request.headers["X-Twilio-Signature"]))
        return Response("<Response/>", mimetype="text/xml")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


def by_hand(token: str, url: str, form: dict[str, str]) -> str:
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def test_a_certificate_nobody_vouches_for_is_refused(lab, secure):
    url, seen = secure
    lab.hooks(sms_url=f"{url}/sms")
    lab.text(CALLER, "hi")
    assert lab.errors() == [11237]
    assert seen == []


def test_a_text_signs_the_port_and_a_call_does_not(lab, secure, certificate, monkeypatch):
    url, seen = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    lab.hooks(sms_url=f"{url}/sms", voice_url=f"{url}/voice", status_callback=f"{url}/status")
    lab.text(CALLER, "hi")
    lab.call()
    lab.advance(1)
    token = lab.emulator.settings.auth_token
    bare = "https://127.0.0.1"
    expected = {"/sms": f"{url}/sms", "/voice": f"{bare}/voice", "/status": f"{bare}/status"}
    assert {path: mark for path, _, mark in seen} == {
        path: by_hand(token, expected[path], form) for path, form, _ in seen
    }
    assert sorted({path for path, _, _ in seen}) == ["/sms", "/status", "/voice"]


def test_a_certificate_for_another_host_is_refused(lab, secure, certificate, monkeypatch):
    url, _ = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    lab.hooks(sms_url=f"{url.replace('127.0.0.1', 'localhost')}/sms#rc=0")
    lab.text(CALLER, "hi")
    assert lab.errors() == [11237]
