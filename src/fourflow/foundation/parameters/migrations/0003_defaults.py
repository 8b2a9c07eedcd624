"""The values of the catalogue, from the first day of any book on, until two people approve others."""

from __future__ import annotations

import datetime

from django.db import migrations

from fourflow.foundation.parameters.domain.catalogue import CATALOGUE
from fourflow.foundation.parameters.domain.values import to_json
from fourflow.foundation.parameters.types import PLATFORM, ParameterState

FIRST_DAY = datetime.date(2000, 1, 1)


def seed(apps, schema_editor):
    parameter = apps.get_model("parameters", "Parameter")
    parameter.objects.bulk_create(
        parameter(
            key=definition.key.value,
            scope=PLATFORM,
            value=to_json(definition.default),
            valid_from=FIRST_DAY,
            state=ParameterState.APPROVED.value,
            source=definition.source,
            seeded=True,
        )
        for definition in CATALOGUE.values()
    )


class Migration(migrations.Migration):
    dependencies = [("parameters", "0002_rules")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
