import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import fourflow.platform.crypto.sealing
import fourflow.platform.db.fields
import fourflow.platform.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('approvals', '0002_rules'),
        ('parties', '0002_rules'),
        ('parties', '__first__'),
        ('platform', '0002_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClientRow',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.TextField(default='active')),
                ('revoked_at', models.DateTimeField(null=True)),
                ('api_version', models.TextField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'clients_client',
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['active', 'revoked'])), name='client_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('state', 'active')), models.Q(('revoked_at__isnull', False), ('state', 'revoked')), _connector='OR'), name='client_revoked_at_a_time'), models.CheckConstraint(condition=models.Q(('api_version__regex', '^[0-9]{4}-[0-9]{2}-[0-9]{2}$')), name='client_version_dated')],
            },
        ),
        migrations.CreateModel(
            name='EndpointRow',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('url', models.TextField()),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('state', models.TextField(default='active')),
                ('reason', models.TextField(default='')),
                ('public_key', models.TextField()),
                ('position', models.BigIntegerField(default=-1)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('client', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.clientrow')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'clients_endpoint',
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['active', 'disabled'])), name='endpoint_state_known'), models.CheckConstraint(condition=models.Q(('kinds__len__gt', 0)), name='endpoint_has_kinds'), models.CheckConstraint(condition=models.Q(('url__regex', '^https?://')), name='endpoint_url_http')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryRow',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('state', models.TextField(default='pending')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platform.storedevent')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.endpointrow')),
            ],
            options={
                'db_table': 'clients_delivery',
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['due_at'], name='delivery_due'), models.Index(fields=['endpoint', '-id'], name='delivery_of_endpoint')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'delivered', 'failed'])), name='delivery_state_known'), models.UniqueConstraint(fields=('endpoint', 'event'), name='delivery_once'), models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('state', 'pending')), models.Q(models.Q(('state', 'pending'), _negated=True), ('due_at__isnull', True)), _connector='OR'), name='delivery_pending_is_due'), models.CheckConstraint(condition=models.Q(('tries__lte', models.F('attempts'))), name='delivery_tries_are_attempts')],
            },
        ),
        migrations.CreateModel(
            name='ProposalRow',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('client_id', models.UUIDField()),
                ('content', models.JSONField()),
                ('state', models.TextField(default='proposed')),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalrow')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'clients_proposal',
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'applied', 'rejected', 'withdrawn', 'expired'])), name='client_proposal_state_known'), models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('client_id',), name='client_one_open_proposal')],
            },
        ),
        migrations.AddField(
            model_name='clientrow',
            name='proposal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.proposalrow'),
        ),
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('seed', fourflow.platform.crypto.sealing.SealedText()),
                ('ends_at', models.DateTimeField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.endpointrow')),
            ],
            options={
                'db_table': 'clients_signing_key',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ends_at__isnull', True)), fields=('endpoint',), name='signing_key_one_present')],
            },
        ),
        migrations.CreateModel(
            name='TokenRow',
            fields=[
                ('token_hash', models.BinaryField(primary_key=True, serialize=False)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.clientrow')),
            ],
            options={
                'db_table': 'clients_token',
                'indexes': [models.Index(fields=['expires_at'], name='client_token_over')],
            },
        ),
        migrations.CreateModel(
            name='UsedAssertion',
            fields=[
                ('pk', models.CompositePrimaryKey('client', 'jti_hash', blank=True, editable=False, primary_key=True, serialize=False)),
                ('jti_hash', models.BinaryField()),
                ('expires_at', models.DateTimeField()),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.clientrow')),
            ],
            options={
                'db_table': 'clients_used_assertion',
                'indexes': [models.Index(fields=['expires_at'], name='used_assertion_over')],
            },
        ),
        migrations.CreateModel(
            name='AttemptRow',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('sent_at', models.DateTimeField()),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('error', models.TextField(default='')),
                ('milliseconds', models.PositiveIntegerField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.deliveryrow')),
            ],
            options={
                'db_table': 'clients_attempt',
                'constraints': [models.UniqueConstraint(fields=('delivery', 'number'), name='attempt_numbered_once'), models.CheckConstraint(condition=models.Q(models.Q(('error', ''), ('status__isnull', False)), models.Q(('status__isnull', True), models.Q(('error', ''), _negated=True)), _connector='OR'), name='attempt_answered_or_explained')],
            },
        ),
    ]
