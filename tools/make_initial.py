"""Write a module's 0001_initial.py anew from its models, keeping hand-written migrations: make_initial.py platform parties …

Only until the first tag; from then on migrations expand, backfill and contract.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fourflow.config.settings")
os.environ.setdefault("FOURFLOW_HOME", tempfile.mkdtemp(prefix="fourflow-home-"))


def main(labels: list[str]) -> None:
    import django
    from django.apps import apps
    from django.core.management import call_command
    from django.db.migrations.loader import MigrationLoader

    django.setup()
    MigrationLoader.check_consistent_history = lambda self, connection: None  # type: ignore[method-assign]
    _forget(labels)
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
    for label in labels:
        for file in (Path(apps.get_app_config(label).path) / "migrations").glob("0001*.py"):
            rewrite(label, file)


def _forget(labels: list[str]) -> None:
    """Migrations of others stand on those that are aside; for the time of writing they stand on nothing."""
    from django.db.migrations.loader import MigrationLoader

    load = MigrationLoader.load_disk

    def load_disk(self: MigrationLoader) -> None:
        load(self)
        for migration in self.disk_migrations.values():
            migration.dependencies = [each for each in migration.dependencies if each[0] not in labels]

    MigrationLoader.load_disk = load_disk  # type: ignore[method-assign]


def rewrite(label: str, file: Path) -> None:
    """Write indexes and constraints into the operation that creates their table: applied one by one, Django renders every
    related model anew for each, which takes longer than everything that the database does."""
    from django.db.migrations.writer import MigrationWriter

    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    migration = module.Migration(file.stem, label)
    migration.operations = folded(migration.operations)
    file.write_text(MigrationWriter(migration, include_header=False).as_string(), encoding="utf-8")


def folded(operations: list[Any]) -> list[Any]:
    """The same operations; what needs a field that is added later stays where it is."""
    from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel

    created = {each.name_lower: each for each in operations if isinstance(each, CreateModel)}
    later: dict[str, set[str]] = {}
    for each in operations:
        if isinstance(each, AddField):
            later.setdefault(each.model_name_lower, set()).add(each.name)
    kept = []
    for each in operations:
        rule = (
            each.index if isinstance(each, AddIndex) else each.constraint if isinstance(each, AddConstraint) else None
        )
        needs = repr(rule.deconstruct()) if rule is not None else ""
        if rule is None or any(f"'{name}" in needs for name in later.get(each.model_name_lower, ())):
            kept.append(each)
        else:
            listed = "indexes" if isinstance(each, AddIndex) else "constraints"
            created[each.model_name_lower].options.setdefault(listed, []).append(rule)
    return kept


if __name__ == "__main__":
    main(sys.argv[1:])
