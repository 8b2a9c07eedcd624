"""Who is behind a session, what a person has to be recognised by, and what the door has seen."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q, QuerySet, Subquery

from fourflow.foundation.access import models
from fourflow.foundation.access.domain import authority, codes, passkeys
from fourflow.foundation.access.events import ReadsSealed
from fourflow.foundation.access.types import (
    EMERGENCY,
    GLASS,
    LOG_OF_READS,
    CodeWrong,
    Confirmation,
    DataClass,
    EmergencyView,
    Enrolment,
    Factors,
    PasskeyView,
    Policy,
    Question,
    ReadView,
    RecoveryState,
    RecoveryView,
    SessionNotFound,
    SessionView,
    Site,
)
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import AccountView, Actor, RoleKind
from fourflow.platform.crypto.sealing import Tampered, blind_index, seal, unseal
from fourflow.platform.db.ordering import every, in_order
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events import queries as events
from fourflow.platform.events.types import Evidenced
from fourflow.platform.ids import encode

PAGE = 200
ISSUER = "Fourflow"
OFFER_MINUTES = 15


def policy(today: date) -> Policy:
    """The numbers of the door on a business day."""
    keys = {
        "step_up_minutes": Key.ACCESS_STEP_UP_MINUTES,
        "account_attempts": Key.ACCESS_ACCOUNT_ATTEMPTS,
        "address_attempts": Key.ACCESS_ADDRESS_ATTEMPTS,
        "lock_minutes": Key.ACCESS_LOCK_MINUTES,
        "session_hours": Key.ACCESS_SESSION_HOURS,
        "recovery_hours": Key.ACCESS_RECOVERY_HOURS,
        "emergency_minutes": Key.ACCESS_EMERGENCY_MINUTES,
    }
    values = parameters.values_on(keys.values(), today)
    return Policy(**{name: int(str(values[key].value)) for name, key in keys.items()})


def _with_emergency() -> QuerySet[models.Session]:
    broken = models.Emergency.objects.filter(account_id=Given("account"), ended_at__isnull=True, until__gt=Given("at"))
    found = models.Session.objects.alive(Given("at")).filter(id=Given("id"), account_id=Given("account"))
    return found.annotate(emergency=Subquery(broken.values("id")[:1]))


_alive = prepared(_with_emergency)


def session(session_id: UUID, account_id: UUID, at: datetime) -> SessionView:
    """A session that goes on. :raises SessionNotFound: ended, over, or another account's."""
    row = _alive.first(id=session_id, account=account_id, at=at)
    if row is None:
        raise SessionNotFound(value=str(session_id))
    return dataclasses.replace(row.to_type(), emergency=vars(row)["emergency"])


def actor_of(session: SessionView, organisation_id: UUID, today: date) -> Actor:
    """The person behind a session, acting for an organisation; with broken glass, its permissions too.

    :raises AccountNotFound: see :func:`fourflow.foundation.parties.queries.actor_for`.
    """
    actor = parties.actor_for(session.account_id, organisation_id, today, session_id=str(session.id))
    if session.emergency and RoleKind.OPERATOR in actor.roles:
        office = encode(GLASS, session.emergency)
        return dataclasses.replace(actor, permissions=actor.permissions | EMERGENCY, office=office)
    return actor


def confirmation(actor: Actor, at: datetime) -> Confirmation | None:
    """The confirmation under which the person may sign now, in this session and with this very authority, or None."""
    row = models.Session.objects.visible_to(actor).alive(at).filter(id=actor.session_id).first()
    return None if row is None else standing(row.to_type(), actor, at)


def standing(session: SessionView, actor: Actor, at: datetime) -> Confirmation | None:
    """Like :func:`confirmation`, of a session as it was read: for showing it."""
    held = session.confirmation
    if held is None or held.until <= at or session.account_id != actor.account_id:
        return None
    return held if session.authority == authority.of(actor) else None


def sessions(actor: Actor, at: datetime) -> list[SessionView]:
    """The person's sessions that go on, the latest first."""
    found = models.Session.objects.visible_to(actor).alive(at).order_by("-began_at", "-id")[:PAGE]
    return [row.to_type() for row in found]


_FACTORS = """
select 'totp', id, '', recorded_at, null::timestamptz from access_totp where account_id = %(account)s and ended_at is null
union all
select 'code', id, '', recorded_at, null from access_recovery_code where account_id = %(account)s and ended_at is null
union all
select 'passkey', id, name, added_at, used_at from access_passkey where account_id = %(account)s and ended_at is null
order by 4, 2
"""


def last_visit(session: SessionView) -> datetime | None:
    """When the person was last here before this session, by the machine's clock; None the first time."""
    before = models.Session.objects.filter(account_id=session.account_id, began_at__lt=session.began_at)
    found: datetime | None = before.exclude(id=session.id).aggregate(seen=Max("seen_at"))["seen"]
    return found


def factors(account_id: UUID) -> Factors:
    """What the account has beside its password."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTORS, {"account": account_id})
        rows = cursor.fetchall()
    return Factors(
        code=any(kind == "totp" for kind, *_ in rows),
        passkeys=tuple(PasskeyView(*rest) for kind, *rest in rows if kind == "passkey"),
        recovery_codes=sum(kind == "code" for kind, *_ in rows),
    )


def offer_app(account: AccountView, at: datetime) -> Enrolment:
    """A fresh secret for an authenticator app; nothing is stored until it has shown a code."""
    secret = codes.new_secret()
    sealed = seal(f"{at.timestamp():.0f} {secret}", f"access_totp.offer:{account.id}")
    return Enrolment(secret, codes.uri(secret, account.email, ISSUER), base64.urlsafe_b64encode(sealed).decode())


def offered_app(account: AccountView, offer: str, at: datetime) -> Enrolment:
    """The offer that a form sends back. :raises CodeWrong: not ours, another account's, or too old."""
    try:
        text = unseal(base64.urlsafe_b64decode(offer.encode()), f"access_totp.offer:{account.id}")
    except (ValueError, IndexError, Tampered):
        raise CodeWrong(field="offer") from None
    made, _, secret = text.partition(" ")
    if at.timestamp() - int(made) > timedelta(minutes=OFFER_MINUTES).total_seconds():
        raise CodeWrong(field="offer")
    return Enrolment(secret, codes.uri(secret, account.email, ISSUER), offer)


def ask_new_passkey(site: Site, account: AccountView) -> Question:
    """What a browser is asked to make a new passkey of an account."""
    return passkeys.ask_new(site, account.id, account.email, _credentials(account.id))


def ask_passkey(site: Site, account_id: UUID | None = None) -> Question:
    """What a browser is asked to sign in by any passkey of the site, or to confirm by one of an account's."""
    return passkeys.ask(site, _credentials(account_id) if account_id else ())


def identity_digest(issuer: str, subject: str) -> bytes:
    """How a person at a provider is kept: a keyed digest."""
    return blind_index(f"identity {issuer} {subject}")


def account_of_identity(issuer: str, subject: str) -> UUID | None:
    """The account that a person at a provider has linked, or None."""
    found = models.Identity.objects.filter(
        issuer=issuer, subject=identity_digest(issuer, subject), ended_at__isnull=True
    )
    return found.values_list("account_id", flat=True).first()


def identities(account_id: UUID) -> frozenset[str]:
    """The providers (issuers) at which an account is linked."""
    found = models.Identity.objects.filter(account_id=account_id, ended_at__isnull=True)
    return frozenset(found.values_list("issuer", flat=True))


def recovery(actor: Actor, recovery_id: UUID) -> RecoveryView:
    """:raises RecoveryNotFound: not the actor's organisation's."""
    return models.Recovery.objects.visible_to(actor).get_visible(recovery_id).to_type()


def recoveries(actor: Actor) -> list[RecoveryView]:
    """The latest first; at most 200."""
    return [row.to_type() for row in models.Recovery.objects.visible_to(actor).order_by("-id")[:PAGE]]


def lapsed_recoveries(at: datetime) -> Iterator[UUID]:
    """Approved recoveries whose halves are no longer good, for the sweeper; ``at`` is the machine's instant."""
    found = models.Recovery.objects.filter(state=RecoveryState.APPROVED, until__lte=at)
    return (row.id for row in every(found, "until"))


def emergencies(actor: Actor) -> list[EmergencyView]:
    """Broken glass, the latest first, for the operator and the regulator; at most 200."""
    return [row.to_type() for row in models.Emergency.objects.visible_to(actor).order_by("-id")[:PAGE]]


def reads(
    actor: Actor,
    *,
    subject_party_id: UUID | None = None,
    firm_ids: Sequence[UUID] = (),
    what: Sequence[str] = (),
    object_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    sort: str = "-at",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = PAGE,
) -> list[ReadView]:
    """What was read of others, the latest first; about 200 at most.

    The operator and the regulator see every line; a party those about itself and about what it may see, without the person
    that read and without the filters, which may name others.

    :param firm_ids: firms one of which read or was read. :param since: from this instant; :param until: before this one.
    :raises PageInvalid: an order or a last row that this list does not have.
    """
    asked: dict[str, object] = {"what__in": what, "object_id": object_id, "subject_party_id": subject_party_id}
    asked |= {"read_at__gte": since, "read_at__lt": until}
    fits = Q(**{name: value for name, value in asked.items() if value})
    if firm_ids:
        fits &= Q(organisation_id__in=firm_ids) | Q(subject_party_id__in=firm_ids)
    seen, limit = models.Read.objects.visible_to(actor), min(limit, PAGE + 1)
    parts = [
        in_order(part, sort, {"at": "read_at"}, after=after, only=only, among=seen).filter(fits)[:limit]
        for part in models.Read.objects.visible_in_parts(actor)
    ]
    rows = parts[0].union(*parts[1:]).order_by(*parts[0].query.order_by)[:limit] if parts[1:] else parts[0]
    views = [row.to_type() for row in rows]
    if actor.sees_all:
        return views
    return [dataclasses.replace(one, reader_person_id=None, session_id="", filters="") for one in views]


def sealed_until() -> UUID | None:
    """The last line of the log of reads that is under a seal; None: there is no seal yet."""
    last = events.latest(LOG_OF_READS, {ReadsSealed.kind}, limit=1)
    return UUID(last[0].body["last_id"]) if last else None


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module that the evidence covers: of the reads those of core data, which are facts at once, and
    every line up to the end of the last seal."""
    covered = Q(data_class=DataClass.CORE)
    if (last := sealed_until()) is not None:
        covered |= Q(id__lte=last)
    tables: list[Any] = [
        *(models.Totp, models.RecoveryCode, models.Passkey, models.Identity),
        *(models.Recovery, models.Emergency, models.Read),
    ]
    for table in tables:
        rows = table.objects.order_by("pk")
        if table is models.Read:
            rows = rows.filter(covered)
        for row in rows.iterator(chunk_size=2000):
            yield row.evidenced()


def _credentials(account_id: UUID) -> list[bytes]:
    found = models.Passkey.objects.filter(account_id=account_id, ended_at__isnull=True)
    return [bytes(credential) for credential in found.values_list("credential", flat=True)]
