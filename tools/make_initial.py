"""Write a module's 0001_initial.py anew from its models, keeping hand-written migrations: make_initial.py platform parties …

Only until the first tag; from then on migrations expand, backfill and contract.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fourflow.config.settings")
os.environ.setdefault("FOURFLOW_HOME", tempfile.mkdtemp(prefix="fourflow-home-"))


def main(labels: list[str]) -> None:
    import django
    from django.apps import apps
    from django.core.management import call_command
    from django.db.migrations.loader import MigrationLoader

    django.setup()
    MigrationLoader.check_consistent_history = lambda self, connection: None  # type: ignore[method-assign]
    for label in labels:
        folder = Path(apps.get_app_config(label).path) / "migrations"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        aside = Path(tempfile.mkdtemp())
        for file in folder.glob("0*.py"):
            shutil.move(str(file), aside / file.name)
        try:
            call_command("makemigrations", label, name="initial", skip_checks=True, verbosity=1)
        finally:
            for file in aside.glob("0*.py"):
                if not (file.name.startswith("0001") and (folder / "0001_initial.py").exists()):
                    shutil.move(str(file), folder / file.name)


if __name__ == "__main__":
    main(sys.argv[1:])
