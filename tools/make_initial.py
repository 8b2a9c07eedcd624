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
    aside: list[tuple[Path, Path]] = []
    for label in labels:
        folder = Path(apps.get_app_config(label).path) / "migrations"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        for file in folder.glob("0*.py"):
            kept = Path(tempfile.mkdtemp()) / file.name
            shutil.move(str(file), kept)
            aside.append((kept, file))
    try:
        call_command("makemigrations", *labels, name="initial", skip_checks=True, verbosity=1)
    finally:
        for kept, file in aside:
            if not (file.name.startswith("0001") and file.exists()):
                shutil.move(str(kept), file)


if __name__ == "__main__":
    main(sys.argv[1:])
