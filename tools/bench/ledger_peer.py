"""The same amounts through django-hordak 2.0: run by its own Python, driven by tools/bench/ledger.py through pipes.

Its bulk_create of transactions and legs in one commit; its triggers (zero sum, one currency) are on, as ours are.
"""

from __future__ import annotations

import random
import sys
import time

DATABASE = "peer"
ACCOUNTS = 1_000


def main(dsn: str) -> None:
    """Answer transfers a second for each batch size read from standard input."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(f"drop database if exists {DATABASE}")
        admin.execute(f"create database {DATABASE}")
    info = conninfo_to_dict(dsn)
    import django
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": DATABASE,
                "HOST": info["host"],
                "PORT": info.get("port", ""),
                "USER": info["user"],
                "PASSWORD": info.get("password", ""),
            }
        },
        SECRET_KEY="bench",
        USE_TZ=True,
        DEFAULT_CURRENCY="CNY",
        HORDAK_INTERNAL_CURRENCY="CNY",
        CURRENCIES=["CNY"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
    django.setup()
    from django.core.management import call_command
    from django.db import transaction
    from djmoney.money import Money
    from hordak.models import Account, Leg, Transaction

    call_command("migrate", verbosity=0)
    accounts = [
        Account.objects.create(name=f"account {n}", code=str(n), type="LI", currencies=["CNY"]) for n in range(ACCOUNTS)
    ]
    dice = random.Random(1)

    def post(size: int) -> float:
        pairs = [(*dice.sample(accounts, 2), Money(dice.randrange(1, 1_000_000) / 100, "CNY")) for _ in range(size)]
        begun = time.perf_counter()
        with transaction.atomic():
            made = Transaction.objects.bulk_create([Transaction(description="bench") for _ in range(size)])
            legs = []
            for one, (debit, credit, amount) in zip(made, pairs, strict=True):
                legs.append(Leg(transaction=one, account=debit, debit=amount))
                legs.append(Leg(transaction=one, account=credit, credit=amount))
            Leg.objects.bulk_create(legs)
        return size / (time.perf_counter() - begun)

    post(100)
    print("ready", flush=True)
    for size in sys.stdin:
        print(post(int(size)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
