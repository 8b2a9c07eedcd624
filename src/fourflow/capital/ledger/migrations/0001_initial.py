import django.db.models.deletion
import django.db.models.functions.datetime
import fourflow.platform.db.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('chart_code', models.TextField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('counterparty', models.UUIDField(null=True)),
                ('debits_must_not_exceed_credits', models.BooleanField()),
                ('credits_must_not_exceed_debits', models.BooleanField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'ledger_account',
            },
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('reference', models.TextField(unique=True)),
                ('digest', models.BinaryField()),
                ('size', models.IntegerField()),
                ('effective_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'ledger_batch',
            },
        ),
        migrations.CreateModel(
            name='Balance',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='ledger.account')),
                ('book_id', models.UUIDField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('debits_must_not_exceed_credits', models.BooleanField()),
                ('credits_must_not_exceed_debits', models.BooleanField()),
                ('closed', models.BooleanField(db_default=False)),
                ('debits_posted', fourflow.platform.db.fields.MinorField(db_default=0)),
                ('credits_posted', fourflow.platform.db.fields.MinorField(db_default=0)),
                ('debits_pending', fourflow.platform.db.fields.MinorField(db_default=0)),
                ('credits_pending', fourflow.platform.db.fields.MinorField(db_default=0)),
                ('entries', models.BigIntegerField(db_default=0)),
                ('recorded_at', models.DateTimeField(null=True)),
                ('earliest_effective_at', models.DateTimeField(null=True)),
                ('latest_effective_at', models.DateTimeField(null=True)),
                ('checkpoint_effective_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'ledger_balance',
            },
        ),
        migrations.CreateModel(
            name='Book',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('code', models.TextField(unique=True)),
                ('kind', models.TextField()),
                ('owner_id', models.UUIDField()),
                ('zone', models.TextField(default='Asia/Shanghai')),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'ledger_book',
                'constraints': [models.UniqueConstraint(fields=('kind', 'owner_id'), name='ledger_book_one_per_owner'), models.CheckConstraint(condition=models.Q(('kind__in', ['money', 'mirror', 'memo'])), name='ledger_book_kind')],
            },
        ),
        migrations.AddField(
            model_name='account',
            name='book',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.book'),
        ),
        migrations.CreateModel(
            name='EffectiveCheckpoint',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('debits_posted', fourflow.platform.db.fields.MinorField()),
                ('credits_posted', fourflow.platform.db.fields.MinorField()),
                ('debits_pending', fourflow.platform.db.fields.MinorField()),
                ('credits_pending', fourflow.platform.db.fields.MinorField()),
                ('effective_at', models.DateTimeField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
            ],
            options={
                'db_table': 'ledger_effective_checkpoint',
                'constraints': [models.UniqueConstraint(fields=('account', 'effective_at'), name='ledger_effective_checkpoint_once')],
            },
        ),
        migrations.CreateModel(
            name='RecordedCheckpoint',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('debits_posted', fourflow.platform.db.fields.MinorField()),
                ('credits_posted', fourflow.platform.db.fields.MinorField()),
                ('debits_pending', fourflow.platform.db.fields.MinorField()),
                ('credits_pending', fourflow.platform.db.fields.MinorField()),
                ('recorded_at', models.DateTimeField()),
                ('earliest_effective_at', models.DateTimeField()),
                ('latest_effective_at', models.DateTimeField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
            ],
            options={
                'db_table': 'ledger_recorded_checkpoint',
                'constraints': [models.UniqueConstraint(fields=('account', 'recorded_at'), name='ledger_recorded_checkpoint_once')],
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('book_id', models.UUIDField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('amount', fourflow.platform.db.fields.MinorField()),
                ('kind', models.TextField()),
                ('released', fourflow.platform.db.fields.MinorField(db_default=0)),
                ('expires_at', models.DateTimeField(null=True)),
                ('instrument', models.UUIDField(null=True)),
                ('narrative_code', models.TextField()),
                ('effective_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('debit_is_busy', models.BooleanField(db_default=False)),
                ('credit_is_busy', models.BooleanField(db_default=False)),
                ('batch', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.batch')),
                ('credit_account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                ('debit_account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                ('refers_to', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.transfer')),
            ],
            options={
                'db_table': 'ledger_transfer',
                'indexes': [models.Index(fields=['debit_account', 'effective_at', 'id'], name='ledger_debit_effective'), models.Index(fields=['credit_account', 'effective_at', 'id'], name='ledger_credit_effective'), models.Index(condition=models.Q(('debit_is_busy', True)), fields=['debit_account', 'recorded_at'], name='ledger_debit_recorded'), models.Index(condition=models.Q(('credit_is_busy', True)), fields=['credit_account', 'recorded_at'], name='ledger_credit_recorded'), models.Index(condition=models.Q(('instrument__isnull', False)), fields=['instrument'], name='ledger_instrument'), models.Index(condition=models.Q(('expires_at__isnull', False)), fields=['expires_at'], name='ledger_hold_expiry')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('refers_to__isnull', False)), fields=('refers_to',), name='ledger_transfer_referred_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(fields=('book', 'chart_code', 'currency', 'counterparty'), name='ledger_account_key', nulls_distinct=False),
        ),
    ]
