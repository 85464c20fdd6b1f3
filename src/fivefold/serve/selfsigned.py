"""Certificates that nobody vouches for: enough to encrypt from the first minute on.

A client checks one by being given the file, or compares its fingerprint by eye. They name this
machine, ``localhost``, the loopback addresses, and the address that is listened on.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fivefold.serve.tls import Tls

if TYPE_CHECKING:
    from cryptography import x509

DAYS = 825
"""How long a certificate is valid; some clients take none that is valid for longer."""


DAYS_LEFT_MIN = 30
"""With fewer days left, another one is made at the next start."""


def make(host: str) -> tuple[bytes, bytes]:
    """Return a new certificate for ``host``, and its key, both in PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fivefold, self-signed")])
    now = datetime.datetime.now(datetime.UTC)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # for clocks that are slow
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False
        )
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM), secret


def _names(host: str) -> list[x509.GeneralName]:
    from cryptography import x509

    texts = dict.fromkeys((host, "localhost", "127.0.0.1", "::1", socket.gethostname()))
    names: list[x509.GeneralName] = []
    for text in texts:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            if text.isascii() and text:
                names.append(x509.DNSName(text))
        else:
            if not address.is_unspecified:
                names.append(x509.IPAddress(address))
    return names


def in_memory(host: str) -> Tls:
    """Return a certificate that lasts as long as this process."""
    # OpenSSL takes certificates from files only, as Python has it.
    with tempfile.TemporaryDirectory(prefix="fivefold-tls-") as folder:
        certificate, key = Path(folder, "certificate"), Path(folder, "key")
        texts = make(host)
        certificate.write_bytes(texts[0])
        _write_secret(key, texts[1])
        return Tls(certificate, key, watched=False)


def beside(store: str | os.PathLike[str], host: str) -> Tls:
    """Return the certificate that is kept beside a store's file; it is made if there is none.

    For clients, STORE-tls.crt is the file to be given. Delete it to have another one made.
    """
    name = os.fspath(store)
    certificate, key = Path(name + "-tls.crt"), Path(name + "-tls.key")
    if not (certificate.exists() and key.exists() and _lasts(certificate)):
        texts = make(host)
        certificate.unlink(missing_ok=True)  # so that a stop in between leaves no wrong pair
        key.unlink(missing_ok=True)
        _write_secret(key, texts[1])
        certificate.write_bytes(texts[0])
    return Tls(certificate, key)


def _lasts(certificate: Path) -> bool:
    from cryptography import x509

    try:
        end = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    except ValueError:
        return True  # somebody put it there: who loads it says what is wrong
    return end - datetime.datetime.now(datetime.UTC) > datetime.timedelta(days=DAYS_LEFT_MIN)


def _write_secret(path: Path, text: bytes) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(text)
