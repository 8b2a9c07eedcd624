"""The installation's seal on a finished document: a PAdES signature that any PDF reader checks."""

from __future__ import annotations

import functools
import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from fourflow.platform.crypto import signing

if TYPE_CHECKING:
    from pyhanko.sign.signers import SimpleSigner

FIELD = "Seal"


class Sealer(Protocol):
    """Seals documents in the operator's name: the sandbox's own authority now, a licensed one behind the same port."""

    def seal(self, document: bytes, *, reason: str) -> bytes:
        """The document with one more revision that carries the signature; what was there stays byte for byte."""
        ...


class SandboxSealer:
    """Signs with a key of the installation's sandbox authority (adr/0003): it proves the flow, not the operator."""

    def seal(self, document: bytes, *, reason: str) -> bytes:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import signers
        from pyhanko.sign.fields import SigSeedSubFilter

        about = signers.PdfSignatureMetadata(
            field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason=reason
        )
        out = io.BytesIO()
        writer = IncrementalPdfFileWriter(io.BytesIO(document))
        # the library runs an event loop of its own, which it may not in a thread where one runs already
        with ThreadPoolExecutor(1) as own:
            own.submit(signers.sign_pdf, writer, about, signer=_signer(), output=out).result()
        return out.getvalue()


@functools.cache
def _signer() -> SimpleSigner:
    from asn1crypto.keys import PrivateKeyInfo  # type: ignore[import-untyped]
    from asn1crypto.x509 import Certificate  # type: ignore[import-untyped]
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    key, certificate = signing.seal()
    issuers = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    issuers.register(Certificate.load(signing.authority()[1].public_bytes(Encoding.DER)))
    return SimpleSigner(
        signing_cert=Certificate.load(certificate.public_bytes(Encoding.DER)),
        signing_key=PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        cert_registry=issuers,
    )


def authority_pem() -> bytes:
    """The certificate that a reader of sealed documents has to trust."""
    return signing.authority()[1].public_bytes(Encoding.PEM)
