"""SM4-GCM for personal data and secrets, bound to the place where they stand, and a blind index to find them by."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING, Any, ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.db import models

from fourflow.platform.crypto import keys

if TYPE_CHECKING:
    BinaryField = models.BinaryField[Any, Any]  # generic for the checker only
else:
    from django.db.models import BinaryField


class Tampered(Exception):
    """A sealed value was changed, moved to another row or column, or its key is not the one it was sealed with."""


def seal(value: str | bytes, place: str) -> bytes:
    """Encrypt with SM4-GCM (GB/T 32907; GCM as in NIST SP 800-38D). ``place`` (table.column:row) is authenticated.

    Layout: length of key id, key id, 12-byte nonce, 16-byte tag, ciphertext.
    """
    key_id, key = keys.sealing_keys().current()
    nonce = os.urandom(12)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(place.encode())
    body = encryptor.update(value.encode() if isinstance(value, str) else value) + encryptor.finalize()
    return bytes([len(key_id)]) + key_id.encode() + nonce + encryptor.tag + body


def unseal(sealed: bytes, place: str) -> str:
    """The text that :func:`seal` sealed for the same place.

    :raises Tampered: the value, its place or its key is not what it was.
    """
    return unseal_bytes(sealed, place).decode()


def unseal_bytes(sealed: bytes, place: str) -> bytes:
    """Decrypt what :func:`seal` made for the same place.

    :raises Tampered: the value, its place or its key is not what it was.
    """
    size = sealed[0]
    key_id, rest = sealed[1 : 1 + size].decode(), sealed[1 + size :]
    nonce, tag, body = rest[:12], rest[12:28], rest[28:]
    try:
        decryptor = Cipher(algorithms.SM4(keys.sealing_keys().key(key_id)), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(place.encode())
        return decryptor.update(body) + decryptor.finalize()
    except (InvalidTag, KeyError) as error:
        raise Tampered(place) from error


def blind_index(text: str) -> bytes:
    """HMAC-SM3 over the normalised text: equal texts have equal indexes, and nothing can be read from one."""
    mac = hmac.HMAC(keys.secret("index"), hashes.SM3())
    mac.update(unicodedata.normalize("NFKC", text).casefold().strip().encode())
    return mac.finalize()


class Sealed(BinaryField):
    """A value that stands encrypted in the table and is opened when the attribute is read."""

    #: so many rows are sealed anew in one transaction of a rotation
    at_once: ClassVar[int] = 200

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, name, _Opened(self))

    def _place(self, instance: models.Model) -> str:
        return f"{self.model._meta.db_table}.{self.column}:{instance.pk}"

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        value: Any = model_instance.__dict__.get(self.attname)
        return seal(value, self._place(model_instance)) if self.is_open(value) else value

    def is_open(self, value: Any) -> bool:
        """Whether this is the value itself, and not what stands in the table."""
        raise NotImplementedError

    def opened(self, sealed: bytes, place: str) -> str | bytes:
        """:raises Tampered: the value, its place or its key is not what it was."""
        raise NotImplementedError


class SealedText(Sealed):
    """A sealed text."""

    def is_open(self, value: Any) -> bool:
        return isinstance(value, str)

    def opened(self, sealed: bytes, place: str) -> str:
        return unseal(sealed, place)


class SealedBytes(Sealed):
    """A sealed file. What comes from the table is a memoryview, so that it is told from the bytes themselves."""

    at_once = 4

    def from_db_value(self, value: bytes | None, *_: object) -> memoryview | None:
        return None if value is None else memoryview(value)

    def is_open(self, value: Any) -> bool:
        return isinstance(value, bytes)

    def opened(self, sealed: bytes, place: str) -> bytes:
        return unseal_bytes(sealed, place)


class _Opened:
    def __init__(self, field: Sealed) -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type[models.Model]) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])
        value = instance.__dict__[self.field.attname]
        if value is None or self.field.is_open(value):
            return value
        return self.field.opened(bytes(value), self.field._place(instance))

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value
