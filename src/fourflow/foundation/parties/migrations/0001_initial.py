import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import fourflow.platform.crypto.sealing
import fourflow.platform.db.fields
import fourflow.platform.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('approvals', '0002_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApplicationDocument',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('file_name', models.TextField()),
                ('media_type', models.TextField()),
                ('sha256', models.TextField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'parties_application_document',
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', fourflow.platform.crypto.sealing.SealedText()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'parties_person',
            },
        ),
        migrations.CreateModel(
            name='ApplicationFile',
            fields=[
                ('document', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='parties.applicationdocument')),
                ('content', fourflow.platform.crypto.sealing.SealedBytes()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'parties_application_file',
            },
        ),
        migrations.CreateModel(
            name='ApplicationRow',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('maker_person_id', models.UUIDField()),
                ('state', models.TextField(default='draft')),
                ('content', models.JSONField()),
                ('note', models.TextField(blank=True, default='')),
                ('idle_since', models.DateTimeField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalrow')),
            ],
            options={
                'db_table': 'parties_application',
                'indexes': [models.Index(condition=models.Q(('state__in', ['draft', 'returned'])), fields=['idle_since'], name='application_to_expire')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'active', 'rejected', 'returned', 'expired'])), name='application_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'submitted'), _negated=True), ('approval__isnull', False), _connector='OR'), name='application_submitted_has_approval')],
            },
        ),
        migrations.AddField(
            model_name='applicationdocument',
            name='application',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.applicationrow'),
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('name', models.TextField()),
                ('short_name', models.TextField(blank=True, default='')),
                ('sort_key', models.TextField()),
                ('search_words', models.TextField()),
                ('country', models.CharField(max_length=2)),
                ('size_class', models.TextField(default='unknown')),
                ('state', models.TextField(default='active')),
                ('founding', models.BooleanField(default=False)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalrow')),
            ],
            options={
                'db_table': 'parties_party',
                'indexes': [models.Index(fields=['sort_key', 'id'], name='party_by_name')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['legal_entity', 'natural_person'])), name='party_kind_known'), models.CheckConstraint(condition=models.Q(('state__in', ['active', 'closed'])), name='party_state_known'), models.CheckConstraint(condition=models.Q(('size_class__in', ['large', 'medium', 'small', 'micro', 'unknown'])), name='party_size_known'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='party_has_name'), models.CheckConstraint(condition=models.Q(('country__regex', '^[A-Z]{2}$')), name='party_country_iso'), models.UniqueConstraint(condition=models.Q(('founding', True)), fields=('founding',), name='party_one_founder')],
            },
        ),
        migrations.CreateModel(
            name='Licence',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('number', models.TextField()),
                ('issuer', models.TextField()),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalrow')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'parties_licence',
                'indexes': [models.Index(fields=['valid_to'], name='licence_by_end')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['banking', 'factoring', 'financing_guarantee', 'insurance', 'network_freight', 'road_transport', 'warehousing', 'icp', 'edi', 'pci_dss', 'blockchain_filing', 'security_grade', 'exchange_filing'])), name='licence_kind_known'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='licence_period_forward'), models.CheckConstraint(condition=models.Q(models.Q(('number', ''), _negated=True), models.Q(('issuer', ''), _negated=True)), name='licence_named'), models.UniqueConstraint(fields=('id', 'party', 'kind'), name='licence_with_party')],
            },
        ),
        migrations.CreateModel(
            name='IdentifierRow',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('scheme', models.TextField()),
                ('value', models.TextField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'parties_identifier',
                'constraints': [models.CheckConstraint(condition=models.Q(('scheme__in', ['uscc', 'lei', 'sandbox'])), name='identifier_scheme_known'), models.UniqueConstraint(fields=('scheme', 'value'), name='identifier_once')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.TextField()),
                ('authorisation_number', models.TextField(unique=True)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField()),
                ('given_by', models.UUIDField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('to_party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'parties_consent',
                'indexes': [models.Index(fields=['subject', 'to_party', 'purpose'], name='consent_lookup')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__gt', models.F('valid_from'))), name='consent_period_forward'), models.CheckConstraint(condition=models.Q(models.Q(('purpose', ''), _negated=True), models.Q(('authorisation_number', ''), _negated=True)), name='consent_for_a_purpose'), models.CheckConstraint(condition=models.Q(('subject', models.F('to_party')), _negated=True), name='consent_to_another')],
            },
        ),
        migrations.CreateModel(
            name='ChangeRow',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('content', models.JSONField()),
                ('state', models.TextField(default='proposed')),
                ('row_id', models.UUIDField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalrow')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'parties_change',
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['role', 'licence', 'member', 'mandate', 'relation', 'end'])), name='change_kind_known'), models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'applied', 'rejected', 'withdrawn', 'expired'])), name='change_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('approval__isnull', False), ('row_id__isnull', False), ('state', 'applied')), models.Q(models.Q(('state', 'applied'), _negated=True), ('row_id__isnull', True)), _connector='OR'), name='change_applied_has_row')],
            },
        ),
        migrations.AddField(
            model_name='applicationrow',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party'),
        ),
        migrations.AddField(
            model_name='applicationrow',
            name='party',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party'),
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('functions', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalrow')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.person')),
            ],
            options={
                'db_table': 'parties_membership',
                'indexes': [models.Index(fields=['person', 'organisation'], name='membership_of_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='membership_period_forward'), models.CheckConstraint(condition=models.Q(('functions__contained_by', ['maker', 'checker', 'signer', 'viewer', 'admin']), ('functions__len__gt', 0)), name='membership_functions_known')],
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('permission', models.TextField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('max_minor', fourflow.platform.db.fields.MinorField(null=True)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalrow')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.person')),
            ],
            options={
                'db_table': 'parties_mandate',
                'indexes': [models.Index(fields=['person', 'organisation'], name='mandate_of_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='mandate_period_forward'), models.CheckConstraint(condition=models.Q(('permission__in', ['claim.confirm', 'financing.check', 'financing.consent', 'financing.decide', 'financing.request', 'limit.check', 'payment.release', 'voucher.accept', 'voucher.check', 'voucher.transfer'])), name='mandate_permission_binds'), models.CheckConstraint(condition=models.Q(('max_minor__isnull', True), ('max_minor__gt', 0), _connector='OR'), name='mandate_ceiling_positive'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='mandate_currency_iso')],
            },
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email', models.TextField(unique=True)),
                ('is_active', models.BooleanField(default=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.person')),
            ],
            options={
                'db_table': 'parties_account',
                'constraints': [models.CheckConstraint(condition=models.Q(('email__regex', '^[^A-Z\\s@]+@[^A-Z\\s@]+$')), name='account_email_lower')],
            },
        ),
        migrations.CreateModel(
            name='Relation',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('source', models.TextField()),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalrow')),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'parties_relation',
                'indexes': [models.Index(fields=['second', 'first'], name='relation_reverse')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['ownership', 'control', 'same_firm', 'family'])), name='relation_kind_known'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='relation_period_forward'), models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='relation_of_two_in_order')],
            },
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('bars', models.TextField()),
                ('source', models.TextField()),
                ('reference', models.TextField()),
                ('reason', models.TextField()),
                ('facts', models.JSONField(default=dict)),
                ('imposed_by', models.UUIDField()),
                ('valid_from', models.DateField()),
                ('lifted_on', models.DateField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('lift_approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalrow')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'parties_restriction',
                'constraints': [models.CheckConstraint(condition=models.Q(('bars__in', ['everything', 'issue', 'transfer', 'finance'])), name='restriction_bars_known'), models.CheckConstraint(condition=models.Q(('source__in', ['overdue', 'bill_overdue', 'bond_default', 'court', 'operator', 'sanctions'])), name='restriction_source_known'), models.CheckConstraint(condition=models.Q(models.Q(('reference', ''), _negated=True), models.Q(models.Q(('reason', ''), _negated=True), models.Q(('facts', {}), _negated=True), _connector='OR')), name='restriction_explained'), models.CheckConstraint(condition=models.Q(models.Q(('lift_approval__isnull', True), ('lifted_on__isnull', True)), models.Q(('lift_approval__isnull', False), ('lifted_on__isnull', False)), _connector='OR'), name='restriction_lift_approved'), models.UniqueConstraint(fields=('party', 'source', 'reference', 'bars'), name='restriction_once')],
            },
        ),
        migrations.CreateModel(
            name='Role',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('licence_kind', models.TextField(null=True)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalrow')),
                ('licence', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.licence')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('programme', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'parties_role',
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['operator', 'core', 'supplier', 'funder', 'regulator', 'warehouse', 'carrier', 'guarantor', 'fund'])), name='role_kind_known'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='role_period_forward'), models.CheckConstraint(condition=models.Q(models.Q(('licence__isnull', True), ('licence_kind__isnull', True)), models.Q(('licence__isnull', False), ('licence_kind__isnull', False)), _connector='OR'), name='role_licence_whole'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'funder'), _negated=True), models.Q(('licence_kind__in', ['banking', 'factoring']), ('licence_kind__isnull', False)), _connector='OR'), name='role_funder_is_licensed'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'guarantor'), _negated=True), models.Q(('licence_kind__in', ['banking', 'financing_guarantee', 'insurance']), ('licence_kind__isnull', False)), _connector='OR'), name='role_guarantor_is_licensed')],
            },
        ),
        migrations.AddConstraint(
            model_name='applicationdocument',
            constraint=models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='application_document_digest'),
        ),
        migrations.AddConstraint(
            model_name='applicationdocument',
            constraint=models.UniqueConstraint(fields=('application', 'sha256'), name='application_document_once'),
        ),
        migrations.AddConstraint(
            model_name='applicationrow',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approval__isnull', False), ('party__isnull', False), ('state', 'active')), models.Q(models.Q(('state', 'active'), _negated=True), ('party__isnull', True)), _connector='OR'), name='application_active_has_party'),
        ),
    ]
