"""Sessions are work rows, not facts: signing out deletes one."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from fourflow.platform.db import rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [("sessions", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(rls.run(rls.allow_delete("django_session")))]
