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
    ]

    operations = [
        migrations.CreateModel(
            name='Guard',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('subject', models.BinaryField(max_length=32)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('began_at', models.DateTimeField()),
                ('locked_until', models.DateTimeField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'access_guard',
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['account', 'address'])), name='guard_kind_known'), models.UniqueConstraint(fields=('kind', 'subject'), name='guard_once')],
            },
        ),
        migrations.CreateModel(
            name='Emergency',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('reason', models.TextField()),
                ('began_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('reviewed_by', models.UUIDField(null=True)),
                ('review', models.TextField(blank=True, default='')),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'access_emergency',
                'indexes': [models.Index(fields=['account', 'until'], name='emergency_of_account')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gt', models.F('began_at'))), name='emergency_period_forward'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='emergency_explained'), models.CheckConstraint(condition=models.Q(models.Q(('review', ''), ('reviewed_by__isnull', True)), models.Q(('reviewed_by__isnull', False), models.Q(('review', ''), _negated=True), models.Q(('reviewed_by', models.F('person_id')), _negated=True)), _connector='OR'), name='emergency_reviewed_by_another')],
            },
        ),
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('issuer', models.TextField()),
                ('subject', models.BinaryField(max_length=32)),
                ('ended_at', models.DateTimeField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'access_identity',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('issuer', 'subject'), name='identity_of_one_account'), models.CheckConstraint(condition=models.Q(('issuer__startswith', 'http')), name='identity_issuer_address')],
            },
        ),
        migrations.CreateModel(
            name='Passkey',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.TextField()),
                ('site', models.TextField()),
                ('credential_id', models.BinaryField(max_length=1024, unique=True)),
                ('credential', models.BinaryField(max_length=4096)),
                ('sign_count', models.BigIntegerField()),
                ('added_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'access_passkey',
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['account'], name='passkey_of_account')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('site', ''), _negated=True)), name='passkey_named')],
            },
        ),
        migrations.CreateModel(
            name='Read',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reader_person_id', models.UUIDField()),
                ('account_id', models.UUIDField(null=True)),
                ('session_id', models.TextField(blank=True, default='')),
                ('subject_party_id', models.UUIDField(null=True)),
                ('visible_id', models.UUIDField(null=True)),
                ('data_class', models.TextField()),
                ('what', models.TextField()),
                ('object_id', models.TextField(blank=True, default='')),
                ('filters', models.TextField(blank=True, default='')),
                ('purpose', models.TextField()),
                ('authorisation_number', models.TextField()),
                ('read_at', models.DateTimeField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'access_read',
                'indexes': [models.Index(fields=['subject_party_id', '-read_at'], name='read_by_subject'), models.Index(condition=models.Q(('visible_id__isnull', False)), fields=['visible_id', '-read_at'], name='read_by_object'), models.Index(fields=['organisation', '-read_at'], name='read_by_reader'), models.Index(fields=['what', '-read_at'], name='read_by_what'), models.Index(fields=['-read_at', '-id'], name='read_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('data_class__in', ('restricted', 'core'))), name='read_is_of_a_class'), models.CheckConstraint(condition=models.Q(('what', ''), _negated=True), name='read_of_something'), models.CheckConstraint(condition=models.Q(('purpose__in', ['operation', 'supervision', 'emergency', 'consent'])), name='read_purpose_known'), models.CheckConstraint(condition=models.Q(('authorisation_number', ''), _negated=True), name='read_has_number'), models.CheckConstraint(condition=models.Q(('subject_party_id__isnull', True), models.Q(('organisation', models.F('subject_party_id')), _negated=True), _connector='OR'), name='read_of_another')],
            },
        ),
        migrations.CreateModel(
            name='Recovery',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('maker_person_id', models.UUIDField()),
                ('checker_person_id', models.UUIDField(null=True)),
                ('reason', models.TextField()),
                ('state', models.TextField(default='asked')),
                ('first_half', models.BinaryField(max_length=32)),
                ('second_half', models.BinaryField(max_length=32, null=True)),
                ('until', models.DateTimeField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalrow')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'access_recovery',
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'approved', 'rejected', 'used', 'expired'])), name='recovery_state_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='recovery_explained'), models.CheckConstraint(condition=models.Q(('person_id', models.F('maker_person_id')), _negated=True), name='recovery_not_by_oneself'), models.CheckConstraint(condition=models.Q(('checker_person_id__isnull', True), models.Q(models.Q(('checker_person_id', models.F('maker_person_id')), _negated=True), models.Q(('checker_person_id', models.F('person_id')), _negated=True)), _connector='OR'), name='recovery_by_two_others'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['approved', 'used']), _negated=True), models.Q(('checker_person_id__isnull', False), ('second_half__isnull', False), ('until__isnull', False)), _connector='OR'), name='recovery_approved_has_both_halves'), models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'approved'])), fields=('account',), name='recovery_one_open')],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('digest', models.BinaryField(max_length=32)),
                ('ended_at', models.DateTimeField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'access_recovery_code',
                'constraints': [models.UniqueConstraint(fields=('account', 'digest'), name='recovery_code_once')],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('kind', models.TextField()),
                ('strength', models.TextField()),
                ('origin', fourflow.platform.crypto.sealing.SealedText()),
                ('began_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ending', models.TextField(blank=True, default='')),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_until', models.DateTimeField(null=True)),
                ('confirmed_by', models.TextField(blank=True, default='')),
                ('authority', models.BinaryField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'access_session',
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['account'], name='session_of_account')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['web', 'api'])), name='session_kind_known'), models.CheckConstraint(condition=models.Q(('strength__in', ['password', 'password+totp', 'password+recovery_code', 'passkey', 'oidc'])), name='session_strength_known'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('began_at'))), name='session_period_forward'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ending', '')), models.Q(('ended_at__isnull', False), ('ending__in', ['signed_out', 'by_owner', 'password_changed', 'recovered'])), _connector='OR'), name='session_ends_for_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('authority', None), ('confirmed_at__isnull', True), ('confirmed_by', ''), ('confirmed_until__isnull', True)), models.Q(('authority__isnull', False), ('confirmed_by__in', ['password', 'password+totp', 'password+recovery_code', 'passkey', 'oidc']), ('confirmed_until__gt', models.F('confirmed_at')), ('organisation__isnull', False)), _connector='OR'), name='session_confirmation_whole')],
            },
        ),
        migrations.CreateModel(
            name='Totp',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('secret', fourflow.platform.crypto.sealing.SealedText()),
                ('last_step', models.BigIntegerField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'access_totp',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('account',), name='totp_one_in_use')],
            },
        ),
    ]
