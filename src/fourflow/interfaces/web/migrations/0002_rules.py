"""Sessions, saved views and drafts are work rows, not facts: they may be deleted. Views, drafts and displays are their owner's alone."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from fourflow.platform.db import rls


class Migration(migrations.Migration):
    dependencies: ClassVar = [("web", "0001_initial"), ("sessions", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(
            rls.run(
                rls.allow_delete("django_session"),
                rls.protect_private("web_saved_view"),
                rls.allow_delete("web_saved_view"),
                rls.protect_private("web_draft"),
                rls.allow_delete("web_draft"),
                rls.protect_account("web_display"),
            )
        )
    ]
