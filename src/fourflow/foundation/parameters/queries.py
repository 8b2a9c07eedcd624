"""What a key's value is on a day, what it was, and what is scheduled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from fourflow.foundation.parameters import models
from fourflow.foundation.parameters.domain.catalogue import CATALOGUE
from fourflow.foundation.parameters.domain.values import to_json
from fourflow.foundation.parameters.types import (
    FIRST_DAY,
    PLATFORM,
    Definition,
    Key,
    ParameterMissing,
    ParameterState,
    ParameterValue,
    Value,
    ValueInvalid,
)
from fourflow.foundation.parties.types import Actor
from fourflow.platform.clock import business_date
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events.types import Evidenced

_approved = prepared(
    lambda: models.Parameter.objects.filter(
        key__any=Given("keys"),
        scope__any=Given("scopes"),
        valid_from__lte=Given("on"),
        state=ParameterState.APPROVED.value,
    )
)


def value_on(key: Key, on: date, *scopes: str) -> ParameterValue:
    """The value that holds on a day in the first scope that has one; the platform's is asked last.

    `value_on(Key.FINANCING_ANNUAL_RATE, day, f"product:{code}", f"funder:{id}")`.

    :raises ParameterMissing: nothing holds on that day, not even for the platform.
    """
    return values_on([key], on, *scopes)[key]


def values_on(keys: Iterable[Key], on: date, *scopes: str) -> dict[Key, ParameterValue]:
    """Many keys in one query; see :func:`value_on`."""
    wanted = list(keys)
    order = [*scopes, PLATFORM]
    rows = _approved(keys=[key.value for key in wanted], scopes=order, on=on)
    best: dict[str, tuple[tuple[int, int], models.Parameter]] = {}
    for row in rows:
        rank = (-order.index(row.scope), row.valid_from.toordinal())
        if row.key not in best or rank > best[row.key][0]:
            best[row.key] = (rank, row)
    missing = [key.value for key in wanted if key.value not in best]
    if missing:
        raise ParameterMissing(keys=missing, day=on.isoformat())
    return {key: best[key.value][1].to_type() for key in wanted}


def get(key: Key, on: date, *scopes: str) -> Value:
    """The plain value; see :func:`value_on`. The typed readers below spare the caller a cast."""
    return value_on(key, on, *scopes).value


def integer(key: Key, on: date, *scopes: str) -> int:
    """:raises ValueInvalid: the key is of another type; :raises ParameterMissing: see :func:`value_on`."""
    value = get(key, on, *scopes)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueInvalid(key=key.value, expected="integer")
    return value


def decimal(key: Key, on: date, *scopes: str) -> Decimal:
    """:raises ValueInvalid: the key is of another type; :raises ParameterMissing: see :func:`value_on`."""
    value = get(key, on, *scopes)
    if not isinstance(value, Decimal):
        raise ValueInvalid(key=key.value, expected="decimal")
    return value


def text(key: Key, on: date, *scopes: str) -> str:
    """:raises ValueInvalid: the key is of another type; :raises ParameterMissing: see :func:`value_on`."""
    value = get(key, on, *scopes)
    if not isinstance(value, str):
        raise ValueInvalid(key=key.value, expected="text")
    return value


def decide_by(at: datetime) -> date:
    """The last day to decide a request for approval that is made at an instant: :attr:`Key.APPROVAL_DAYS` after its day.

    One rule for every kind of request, so it has no scope but the platform's. Modules below this one take the day as an
    argument.
    """
    on = business_date(at)
    return on + timedelta(days=integer(Key.APPROVAL_DAYS, on))


def catalogue() -> Mapping[Key, Definition]:
    """Every key with its type, unit, bounds, default and source."""
    return CATALOGUE


def history(actor: Actor, *, key: Key | None = None, scope: str | None = None) -> Sequence[ParameterValue]:
    """All values that the actor may see, proposed and past and scheduled ones too, by key, scope and day."""
    found = models.Parameter.objects.visible_to(actor)
    if key is not None:
        found = found.filter(key=key.value)
    if scope is not None:
        found = found.filter(scope=scope)
    return [row.to_type() for row in found.order_by("key", "scope", "valid_from", "id")]


def scheduled(actor: Actor, after: date) -> Sequence[ParameterValue]:
    """Approved values that begin after a day, the soonest first."""
    found = models.Parameter.objects.visible_to(actor).filter(valid_from__gt=after, state=ParameterState.APPROVED.value)
    return [row.to_type() for row in found.order_by("valid_from", "key", "scope")]


def evidenced() -> Iterator[Evidenced]:
    """Every value that people proposed, and whatever says that it came with the software and did not: no event knows that."""
    for row in models.Parameter.objects.filter(seeded=False).order_by("id").iterator(chunk_size=2000):
        yield row.evidenced()
    yield from altered_seeds()


def altered_seeds() -> list[Evidenced]:
    """Seeded values that are not the catalogue's defaults, and defaults that are gone: none, unless somebody tampered."""
    defaults = {key.value: (to_json(known.default), known.source) for key, known in CATALOGUE.items()}
    altered = []
    for row in models.Parameter.objects.filter(seeded=True).order_by("key", "id"):
        is_default = (row.scope, row.organisation_id, row.valid_from, row.state, row.approval_id) == (
            (PLATFORM, None, FIRST_DAY, ParameterState.APPROVED.value, None)
        )
        if not (is_default and defaults.pop(row.key, None) == (row.value, row.source)):
            altered.append(row.evidenced())
    return [*altered, *(Evidenced("parameters_parameter", f"default of {key}", {}) for key in defaults)]
