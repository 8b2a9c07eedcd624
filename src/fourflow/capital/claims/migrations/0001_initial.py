import django.db.models.deletion
import django.db.models.functions.datetime
import fourflow.platform.crypto.sealing
import fourflow.platform.db.fields
import fourflow.platform.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('scheme', models.TextField()),
                ('fingerprint', models.BinaryField()),
                ('order_fingerprint', models.BinaryField(null=True)),
                ('parts', models.JSONField()),
                ('debtor_id', models.UUIDField()),
                ('creditor_id', models.UUIDField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('amount_minor', fourflow.platform.db.fields.MinorField()),
                ('own_use_minor', fourflow.platform.db.fields.MinorField(default=0)),
                ('used_minor', fourflow.platform.db.fields.MinorField(default=0)),
                ('credited_minor', fourflow.platform.db.fields.MinorField(default=0)),
                ('documents', models.JSONField(default=list)),
                ('registered_by', models.UUIDField()),
                ('registered_at', models.DateTimeField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'claims_claim',
                'indexes': [models.Index(condition=models.Q(('order_fingerprint__isnull', False)), fields=['order_fingerprint'], name='claim_by_order'), models.Index(fields=['creditor_id', 'id'], name='claim_by_creditor'), models.Index(fields=['debtor_id', 'id'], name='claim_by_debtor')],
                'constraints': [models.UniqueConstraint(fields=('scheme', 'fingerprint'), name='claim_once'), models.UniqueConstraint(fields=('id', 'currency'), name='claim_with_currency'), models.UniqueConstraint(fields=('id', 'currency', 'debtor_id', 'creditor_id'), name='claim_with_parties'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='claim_amount'), models.CheckConstraint(condition=models.Q(('used_minor__lte', models.F('amount_minor'))), name='claim_used_within_amount'), models.CheckConstraint(condition=models.Q(('own_use_minor__gte', 0), ('own_use_minor__lte', models.F('used_minor'))), name='claim_own_use_within_used'), models.CheckConstraint(condition=models.Q(('credited_minor__gte', 0), ('credited_minor__lte', models.F('own_use_minor'))), name='claim_credited_within_own_use'), models.CheckConstraint(condition=models.Q(('debtor_id', models.F('creditor_id')), _negated=True), name='claim_two_parties')],
            },
        ),
        migrations.CreateModel(
            name='Payable',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('debtor_id', models.UUIDField()),
                ('creditor_id', models.UUIDField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('amount_minor', fourflow.platform.db.fields.MinorField()),
                ('used_minor', fourflow.platform.db.fields.MinorField(default=0)),
                ('due_date', models.DateField()),
                ('delivered_on', models.DateField(null=True)),
                ('documents', models.JSONField(default=list)),
                ('state', models.TextField(default='proposed')),
                ('proposed_by', models.UUIDField()),
                ('proposed_at', models.DateTimeField()),
                ('decide_by', models.DateField()),
                ('confirmed_by', models.UUIDField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('signature', models.JSONField(null=True)),
                ('withdrawn_by', models.UUIDField(null=True)),
                ('reason', models.TextField(default='')),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.claim')),
            ],
            options={
                'db_table': 'claims_payable',
                'indexes': [models.Index(fields=['debtor_id', 'state', 'id'], name='payable_by_debtor'), models.Index(fields=['creditor_id', 'state', 'id'], name='payable_by_creditor'), models.Index(fields=['amount_minor', 'id'], name='payable_by_amount'), models.Index(fields=['due_date', 'id'], name='payable_by_due'), models.Index(condition=models.Q(('state', 'proposed')), fields=['decide_by', 'id'], name='payable_to_expire')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('used_minor__gte', 0), ('used_minor__lte', models.F('amount_minor'))), name='payable_used_within_amount'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_by__isnull', True), ('signature__isnull', True), ('state', 'proposed')), models.Q(('confirmed_by__isnull', False), ('signature__isnull', False), ('state', 'confirmed')), models.Q(('state', 'withdrawn'), ('withdrawn_by__isnull', False)), models.Q(('confirmed_by__isnull', True), ('signature__isnull', True), ('state', 'expired'), ('withdrawn_by__isnull', True)), _connector='OR'), name='payable_state'), models.CheckConstraint(condition=models.Q(('used_minor', 0), ('state', 'confirmed'), _connector='OR'), name='payable_used_when_confirmed'), models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='payable_two_people'), models.CheckConstraint(condition=models.Q(('documents', []), _negated=True), name='payable_names_documents'), models.CheckConstraint(condition=models.Q(('delivered_on__isnull', True), ('due_date__gte', models.F('delivered_on')), _connector='OR'), name='payable_due_after_delivery'), models.UniqueConstraint(condition=models.Q(('state__in', ['proposed', 'confirmed'])), fields=('claim',), name='payable_one_open'), models.UniqueConstraint(fields=('id', 'claim'), name='payable_with_claim')],
            },
        ),
        migrations.CreateModel(
            name='ClaimUse',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('reference', models.TextField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('amount_minor', fourflow.platform.db.fields.MinorField()),
                ('released_minor', fourflow.platform.db.fields.MinorField(default=0)),
                ('used_at', models.DateTimeField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.claim')),
                ('payable', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.payable')),
            ],
            options={
                'db_table': 'claims_use',
                'indexes': [models.Index(fields=['reference'], name='claim_use_by_reference')],
                'constraints': [models.UniqueConstraint(fields=('claim', 'reference'), name='claim_use_once'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('released_minor__gte', 0), ('released_minor__lte', models.F('amount_minor'))), name='claim_use_amounts'), models.CheckConstraint(condition=models.Q(('kind', 'finance'), models.Q(('kind', 'credit_note'), ('released_minor', 0)), _connector='OR'), name='claim_use_credit_note_stays'), models.CheckConstraint(condition=models.Q(('reference', ''), _negated=True), name='claim_use_reference')],
            },
        ),
        migrations.CreateModel(
            name='Registration',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('state', models.TextField(default='opened')),
                ('reference', models.TextField(unique=True)),
                ('secured_party_id', models.UUIDField()),
                ('debtor_id', models.UUIDField()),
                ('secured_party', models.JSONField()),
                ('debtor', models.JSONField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('amount_minor', fourflow.platform.db.fields.MinorField()),
                ('collateral', models.TextField()),
                ('assets', models.JSONField()),
                ('term_months', models.PositiveSmallIntegerField()),
                ('query_certificate', models.TextField(default='')),
                ('queried_at', models.DateTimeField(null=True)),
                ('registration_no', models.TextField(default='')),
                ('modify_code', fourflow.platform.crypto.sealing.SealedText(null=True)),
                ('registered_at', models.DateTimeField(null=True)),
                ('expires_on', models.DateField(null=True)),
                ('requery_certificate', models.TextField(default='')),
                ('requeried_at', models.DateTimeField(null=True)),
                ('opened_at', models.DateTimeField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'claims_registration',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='registration_amount'), models.CheckConstraint(condition=models.Q(('term_months__gte', 1), ('term_months__lte', 360)), name='registration_term'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['found_clean', 'registered', 'clear']), _negated=True), models.Q(models.Q(('query_certificate', ''), _negated=True), ('queried_at__isnull', False)), _connector='OR'), name='registration_queried_first'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['registered', 'clear', 'cancelled']), _negated=True), models.Q(models.Q(('registration_no', ''), _negated=True), ('registered_at__isnull', False)), _connector='OR'), name='registration_has_number'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['opened', 'found_clean', 'abandoned']), _negated=True), ('registration_no', ''), _connector='OR'), name='registration_filing_not_forgotten'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'clear'), _negated=True), models.Q(models.Q(('requery_certificate', ''), _negated=True), ('requeried_at__gte', models.F('registered_at'))), _connector='OR'), name='registration_queried_again_after'), models.UniqueConstraint(condition=models.Q(('registration_no', ''), _negated=True), fields=('registration_no',), name='registration_number_once')],
            },
        ),
        migrations.CreateModel(
            name='Exchange',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('state', models.TextField(default='ready')),
                ('client_reference', models.TextField()),
                ('attempt', models.PositiveSmallIntegerField(default=1)),
                ('request', models.JSONField()),
                ('answer', models.JSONField(null=True)),
                ('handed_over_at', models.DateTimeField(null=True)),
                ('asked_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.registration')),
            ],
            options={
                'db_table': 'claims_exchange',
                'indexes': [models.Index(condition=models.Q(('state__in', ['ready', 'sent', 'unknown'])), fields=['id'], name='exchange_due'), models.Index(condition=models.Q(('state', 'not_received')), fields=['id'], name='exchange_lost'), models.Index(fields=['registration', 'id'], name='exchange_by_registration')],
                'constraints': [models.UniqueConstraint(fields=('client_reference', 'attempt'), name='exchange_attempt_once'), models.UniqueConstraint(condition=models.Q(('state__in', ['ready', 'sent', 'unknown'])), fields=('registration',), name='exchange_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['answered', 'refused']), _negated=True), ('answer__isnull', False), _connector='OR'), name='exchange_answer_kept'), models.CheckConstraint(condition=models.Q(('state', 'ready'), ('handed_over_at__isnull', False), _connector='OR'), name='exchange_handed_over')],
            },
        ),
        migrations.CreateModel(
            name='RegistrationClaim',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.claim')),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.registration')),
            ],
            options={
                'db_table': 'claims_registration_claim',
                'constraints': [models.UniqueConstraint(fields=('registration', 'claim'), name='registration_claim_once')],
            },
        ),
        migrations.CreateModel(
            name='ClaimLink',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('share_minor', fourflow.platform.db.fields.MinorField()),
                ('distance', models.PositiveSmallIntegerField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ancestor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.claim')),
                ('descendant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.claim')),
            ],
            options={
                'db_table': 'claims_link',
                'constraints': [models.UniqueConstraint(fields=('descendant', 'ancestor'), name='claim_link_once'), models.CheckConstraint(condition=models.Q(('distance__gte', 1), ('share_minor__gt', 0)), name='claim_link_amounts'), models.CheckConstraint(condition=models.Q(('descendant', models.F('ancestor')), _negated=True), name='claim_link_upward')],
            },
        ),
    ]
