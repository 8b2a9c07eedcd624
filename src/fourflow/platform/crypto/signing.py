"""Signatures of people over canonical content. A port: the sandbox's own CA now, UKey and third-party CA later."""

from __future__ import annotations

import base64
import datetime
import functools
import hashlib
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

from fourflow.platform.canonical_json import canonical, digest
from fourflow.platform.crypto import keys
from fourflow.platform.errors import Invalid

ALGORITHM = "ecdsa-p256-sha256"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_FROM = datetime.datetime(2006, 1, 1, tzinfo=datetime.UTC)
_TO = datetime.datetime(2036, 1, 1, tzinfo=datetime.UTC)
#: what PDF readers ask of a signer's certificate
_FOR_DOCUMENTS = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    **dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign"), False),
    **dict.fromkeys(("crl_sign", "encipher_only", "decipher_only"), False),
)


class SignatureWrong(Invalid):
    """A signature does not belong to the content, the person or the certificate authority."""

    code = "signature.wrong"


@dataclass(frozen=True, slots=True)
class Signature:
    """A person's signature over canonical content, with what is needed to check it years later.

    ``assurance`` says how the person was recognised for it ("password+totp"), ``assured_at`` when (ISO 8601), ``session``
    in which session; the three are signed with the content. Empty: the signer was told nothing (a job, a test).
    """

    person_id: UUID
    certificate: str
    value: str
    content_digest: str
    terms_version: str
    algorithm: str = ALGORITHM
    assurance: str = ""
    assured_at: str = ""
    session: str = ""

    def to_body(self) -> dict[str, str]:
        body = {
            "person_id": str(self.person_id),
            "certificate": self.certificate,
            "value": self.value,
            "content_digest": self.content_digest,
            "terms_version": self.terms_version,
            "algorithm": self.algorithm,
        }
        told = {"assurance": self.assurance, "assured_at": self.assured_at, "session": self.session}
        return body | told if self.assurance else body

    @classmethod
    def from_body(cls, body: dict[str, str]) -> Signature:
        return cls(**{**body, "person_id": UUID(body["person_id"])})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Assurance:
    """How, when and in which session a signer was recognised."""

    strength: str
    at: datetime.datetime
    session: str


class Signer(Protocol):
    """Signs for a person who has been recognised for it (password, passkey, UKey)."""

    def sign(
        self, person_id: UUID, content: dict[str, Any], *, terms_version: str, assurance: Assurance | None = None
    ) -> Signature: ...


def _message(content: dict[str, Any], terms_version: str, assurance: str, assured_at: str, session: str) -> bytes:
    """What is signed: content and terms, and how the signer was recognised where that is told."""
    signed: dict[str, Any] = {"content": content, "terms": terms_version}
    if assurance:
        signed["signer"] = {"assurance": assurance, "assured_at": assured_at, "session": session}
    return canonical(signed)


def _private_key(seed: bytes, label: str) -> ec.EllipticCurvePrivateKey:
    material = HKDF(algorithm=hashes.SHA256(), length=48, salt=None, info=label.encode()).derive(seed)
    return ec.derive_private_key(int.from_bytes(material, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fourflow SANDBOX"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _serial(label: str) -> int:
    return int.from_bytes(hashlib.sha256(label.encode()).digest()[:16], "big") >> 1 | 1


@functools.cache
def authority() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The sandbox certificate authority of this installation."""
    private = _private_key(keys.secret("ca"), "fourflow sandbox ca")
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name("Fourflow SANDBOX CA"))
        .issuer_name(_name("Fourflow SANDBOX CA"))
        .public_key(private.public_key())
        .serial_number(_serial("ca"))
        .not_valid_before(_FROM)
        .not_valid_after(_TO)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    return private, builder.sign(private, hashes.SHA256())


@functools.lru_cache(maxsize=4096)
def _person(person_id: UUID) -> tuple[ec.EllipticCurvePrivateKey, str]:
    ca_key, ca = authority()
    private = _private_key(keys.secret("ca"), f"person {person_id}")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(str(person_id)))
        .issuer_name(ca.subject)
        .public_key(private.public_key())
        .serial_number(_serial(str(person_id)))
        .not_valid_before(_FROM)
        .not_valid_after(_TO)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM).decode()


@functools.cache
def seal() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The installation's own key for the documents that it hands out, certified by the sandbox authority."""
    ca_key, ca = authority()
    private = _private_key(keys.secret("ca"), "document seal")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name("Fourflow SANDBOX document seal"))
        .issuer_name(ca.subject)
        .public_key(private.public_key())
        .serial_number(_serial("document seal"))
        .not_valid_before(_FROM)
        .not_valid_after(_TO)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_FOR_DOCUMENTS, critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    return private, certificate


class SandboxSigner:
    """Keys derived from the installation's own secret: good for a sandbox, and labelled so in every certificate."""

    def sign(
        self, person_id: UUID, content: dict[str, Any], *, terms_version: str, assurance: Assurance | None = None
    ) -> Signature:
        private, certificate = _person(person_id)
        told = (assurance.strength, assurance.at.isoformat(), assurance.session) if assurance else ("", "", "")
        value = private.sign(_message(content, terms_version, *told), ec.ECDSA(hashes.SHA256()))
        return Signature(
            person_id=person_id,
            certificate=certificate,
            value=base64.b64encode(value).decode(),
            content_digest=digest(content).hex(),
            terms_version=terms_version,
            assurance=told[0],
            assured_at=told[1],
            session=told[2],
        )


def verify(signature: Signature, content: dict[str, Any]) -> None:
    """Check a signature against the content, the person it names and the installation's certificate authority.

    :raises SignatureWrong: any of them does not fit.
    """
    try:
        certificate = x509.load_pem_x509_certificate(signature.certificate.encode())
        certificate.verify_directly_issued_by(authority()[1])
        public = certificate.public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise ValueError("not an elliptic-curve certificate")
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        if [name.value for name in names] != [str(signature.person_id)]:
            raise ValueError("the certificate names another person")
        if signature.content_digest != digest(content).hex():
            raise ValueError("the signature is over another content")
        told = (signature.assurance, signature.assured_at, signature.session)
        message = _message(content, signature.terms_version, *told)
        public.verify(base64.b64decode(signature.value), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError, TypeError) as error:
        raise SignatureWrong(person=str(signature.person_id), reason=str(error)) from error
