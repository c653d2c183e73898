"""A made-up CA and what it signed, for servers that speak TLS; and the server that can."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificates:
    """The files a server is started with; `ca` is what a client must trust."""

    ca: Path
    certificate: Path
    key: Path

    def words(self, port: int) -> tuple[str, ...]:
        """The options of a server that takes TLS only, also between servers."""
        return (
            "--port", "0", "--tls-port", str(port), "--tls-replication", "yes", "--tls-auth-clients", "no",
            "--tls-ca-cert-file", str(self.ca), "--tls-cert-file", str(self.certificate),
            "--tls-key-file", str(self.key),
        )  # fmt: skip


def tls_server() -> str:
    """Debian's Redis, which speaks TLS; the server that the line embeds does not."""
    found = shutil.which("redis-server")
    if found is None:
        pytest.skip("no redis-server on PATH, and only that one speaks TLS: `apt-get install redis-server`")
    return found


def certificates(folder: Path) -> Certificates:
    """A CA of its own and a certificate for 127.0.0.1 that it signed."""
    folder.mkdir(parents=True, exist_ok=True)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A made-up CA")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "redis")])
    everybody = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    ca = _signed(ca_name, ca_name, ca_key.public_key(), ca_key, x509.BasicConstraints(ca=True, path_length=0))
    ours = _signed(name, ca_name, key.public_key(), ca_key, everybody)
    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    made = Certificates(folder / "ca.pem", folder / "redis.pem", folder / "redis.key")
    made.ca.write_bytes(ca.public_bytes(pem))
    made.certificate.write_bytes(ours.public_bytes(pem))
    made.key.write_bytes(key.private_bytes(pem, private, serialization.NoEncryption()))
    return made


def _signed(
    name: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    by: ec.EllipticCurvePrivateKey,
    more: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(more, critical=isinstance(more, x509.BasicConstraints))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )
