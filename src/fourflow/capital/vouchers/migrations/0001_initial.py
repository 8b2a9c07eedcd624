import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import fourflow.capital.vouchers.types.voucher
import fourflow.platform.db.fields
import fourflow.platform.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='ConservationDue',
            fields=[
                ('voucher_id', models.UUIDField(primary_key=True, serialize=False)),
            ],
            options={
                'db_table': 'vouchers_conservation_due',
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('organisation_id', models.UUIDField()),
                ('state', models.TextField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('term', models.TextField()),
                ('due_on', models.DateField()),
                ('vouchers', models.BigIntegerField()),
                ('face_minor', fourflow.platform.db.fields.MinorField()),
                ('redeemed_minor', fourflow.platform.db.fields.MinorField()),
                ('cancelled_minor', fourflow.platform.db.fields.MinorField()),
                ('summed', models.BooleanField(db_default=False)),
            ],
            options={
                'db_table': 'vouchers_tally',
                'indexes': [models.Index(fields=['organisation_id', 'due_on'], name='tally_by_organisation'), models.Index(condition=models.Q(('summed', False)), fields=['id'], name='tally_to_sum')],
            },
        ),
        migrations.CreateModel(
            name='Voucher',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.TextField(db_collation='C', unique=True)),
                ('payable_id', models.UUIDField()),
                ('claim_id', models.UUIDField()),
                ('issuer_id', models.UUIDField()),
                ('receiver_id', models.UUIDField()),
                ('funder_id', models.UUIDField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('face_minor', fourflow.platform.db.fields.MinorField()),
                ('redeemed_minor', fourflow.platform.db.fields.MinorField(default=0)),
                ('cancelled_minor', fourflow.platform.db.fields.MinorField(default=0)),
                ('issued_on', models.DateField()),
                ('due_on', models.DateField()),
                ('delivered_on', models.DateField(null=True)),
                ('statutory_due_on', models.DateField(null=True)),
                ('offer_expires_on', models.DateField(null=True)),
                ('state', models.TextField(default=fourflow.capital.vouchers.types.voucher.VoucherState['DRAFT'])),
                ('term_reason', models.TextField(default='')),
                ('term_needs_ack', models.BooleanField(default=False)),
                ('term_acknowledged_by', models.UUIDField(null=True)),
                ('contract_clause', models.TextField(default='')),
                ('creditor_size', models.TextField(default='')),
                ('restricted_on', models.DateField(null=True)),
                ('cancel_by', models.DateField(null=True)),
                ('paid_on', models.DateField(null=True)),
                ('overdue_on', models.DateField(null=True)),
                ('maker_person_id', models.UUIDField()),
                ('approval_id', models.UUIDField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'indexes': [models.Index(fields=['due_on', 'id'], name='voucher_by_due'), models.Index(fields=['issued_on', 'id'], name='voucher_by_issue'), models.Index(fields=['face_minor', 'id'], name='voucher_by_face'), models.Index(fields=['state', 'due_on', 'id'], name='voucher_by_state'), models.Index(fields=['state', 'issued_on', 'id'], name='voucher_by_state_issue'), models.Index(fields=['state', 'face_minor', 'id'], name='voucher_by_state_face'), models.Index(fields=['issuer_id', 'due_on', 'id'], name='voucher_by_issuer'), models.Index(fields=['claim_id'], name='voucher_by_claim'), models.Index(condition=models.Q(('cancel_by__isnull', False)), fields=['cancel_by', 'id'], name='voucher_to_cancel'), models.Index(condition=models.Q(('restricted_on__isnull', True), ('state__in', ['overdue', 'defaulted'])), fields=['due_on', 'id'], name='voucher_unrestricted'), models.Index(condition=models.Q(('paid_on__gt', models.F('due_on')), ('state', 'redeemed')), fields=['due_on', 'id'], name='voucher_late_by_due'), models.Index(condition=models.Q(('paid_on__gt', models.F('due_on')), ('state', 'redeemed')), fields=['issued_on', 'id'], name='voucher_late_by_issue'), models.Index(condition=models.Q(('paid_on__gt', models.F('due_on')), ('state', 'redeemed')), fields=['face_minor', 'id'], name='voucher_late_by_face'), models.Index(condition=models.Q(('overdue_on__isnull', False), ('state', 'redeemed')), fields=['paid_on', 'id'], name='voucher_no_longer_late'), models.Index(condition=models.Q(('state', 'offered')), fields=['receiver_id', 'offer_expires_on', 'id'], name='voucher_offered_to')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'returned', 'offered', 'active', 'maturing', 'redeemed', 'rejected', 'expired', 'cancelled', 'overdue', 'defaulted'])), name='voucher_state_known'), models.CheckConstraint(condition=models.Q(('face_minor__gt', 0)), name='voucher_face_positive'), models.CheckConstraint(condition=models.Q(('cancelled_minor__gte', 0), ('redeemed_minor__gte', 0), ('face_minor__gte', django.db.models.expressions.CombinedExpression(models.F('redeemed_minor'), '+', models.F('cancelled_minor')))), name='voucher_paid_within_face'), models.CheckConstraint(condition=models.Q(models.Q(('state', fourflow.capital.vouchers.types.voucher.VoucherState['REDEEMED']), _negated=True), ('face_minor', django.db.models.expressions.CombinedExpression(models.F('redeemed_minor'), '+', models.F('cancelled_minor'))), _connector='OR'), name='voucher_redeemed_means_paid'), models.CheckConstraint(condition=models.Q(models.Q(('paid_on__isnull', True), ('redeemed_minor', 0)), models.Q(('paid_on__isnull', False), ('redeemed_minor__gt', 0)), _connector='OR'), name='voucher_paid_on_a_day'), models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('issued_on'))), name='voucher_due_after_issue'), models.CheckConstraint(condition=models.Q(('issuer_id', models.F('receiver_id')), _negated=True), name='voucher_two_parties'), models.CheckConstraint(condition=models.Q(models.Q(('state', fourflow.capital.vouchers.types.voucher.VoucherState['OFFERED']), _negated=True), ('offer_expires_on__isnull', False), _connector='OR'), name='voucher_offer_expires'), models.CheckConstraint(condition=models.Q(('statutory_due_on__isnull', True), ('due_on__lte', models.F('statutory_due_on')), models.Q(('contract_clause', ''), _negated=True), _connector='OR'), name='voucher_late_due_has_clause'), models.CheckConstraint(condition=models.Q(('term_needs_ack', False), ('term_acknowledged_by__isnull', False), ('state__in', [fourflow.capital.vouchers.types.voucher.VoucherState['DRAFT'], fourflow.capital.vouchers.types.voucher.VoucherState['RETURNED']]), _connector='OR'), name='voucher_long_term_acknowledged'), models.CheckConstraint(condition=models.Q(('cancel_by__isnull', True), ('state', fourflow.capital.vouchers.types.voucher.VoucherState['ACTIVE']), _connector='OR'), name='voucher_asked_while_active'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', [fourflow.capital.vouchers.types.voucher.VoucherState['OVERDUE'], fourflow.capital.vouchers.types.voucher.VoucherState['DEFAULTED']]), _negated=True), models.Q(('overdue_on__gt', models.F('due_on')), ('overdue_on__isnull', False)), _connector='OR'), name='voucher_overdue_since_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Holding',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('holder_id', models.UUIDField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('amount_minor', fourflow.platform.db.fields.MinorField()),
                ('paid_minor', fourflow.platform.db.fields.MinorField(default=0)),
                ('path', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('tier', models.PositiveSmallIntegerField(default=1)),
                ('state', models.TextField(default=fourflow.capital.vouchers.types.voucher.HoldingState['ACTIVE'])),
                ('receiver_id', models.UUIDField(null=True)),
                ('pledgee_id', models.UUIDField(null=True)),
                ('limit_reference', models.TextField(default='')),
                ('trade_basis', models.TextField(default='')),
                ('expires_on', models.DateField(null=True)),
                ('acquired_at', models.DateTimeField()),
                ('split_on', models.DateField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vouchers.holding')),
                ('voucher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vouchers.voucher')),
            ],
            options={
                'indexes': [models.Index(fields=['voucher', 'state'], name='holding_by_voucher'), models.Index(fields=['holder_id', 'state', 'id'], name='holding_by_holder'), models.Index(condition=models.Q(('state', 'locked_transfer')), fields=['receiver_id'], name='holding_by_receiver'), models.Index(fields=['parent'], name='holding_by_parent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['active', 'locked_transfer', 'locked_finance', 'financed', 'matured', 'partly_paid', 'redeemed', 'overdue', 'written_off', 'split', 'cancelled'])), name='holding_state_known'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='holding_amount_positive'), models.CheckConstraint(condition=models.Q(('paid_minor__gte', 0), ('paid_minor__lte', models.F('amount_minor'))), name='holding_paid_within_amount'), models.CheckConstraint(condition=models.Q(models.Q(('paid_minor', models.F('amount_minor')), ('state', fourflow.capital.vouchers.types.voucher.HoldingState['REDEEMED'])), models.Q(models.Q(('state', fourflow.capital.vouchers.types.voucher.HoldingState['REDEEMED']), _negated=True), ('paid_minor__lt', models.F('amount_minor'))), _connector='OR'), name='holding_redeemed_means_paid'), models.CheckConstraint(condition=models.Q(models.Q(('receiver_id__isnull', False), ('state', fourflow.capital.vouchers.types.voucher.HoldingState['LOCKED_TRANSFER'])), models.Q(('state', fourflow.capital.vouchers.types.voucher.HoldingState['LOCKED_TRANSFER']), _negated=True), _connector='OR'), name='holding_locked_has_receiver'), models.CheckConstraint(condition=models.Q(models.Q(('parent__isnull', True), ('path', [])), models.Q(('parent__isnull', False), models.Q(('path', []), _negated=True)), _connector='OR'), name='holding_path_of_parent'), models.UniqueConstraint(condition=models.Q(('parent__isnull', True)), fields=('voucher',), name='holding_one_root_a_voucher')],
            },
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organisation_id', models.UUIDField()),
                ('person_id', models.UUIDField()),
                ('text', models.TextField()),
                ('made_on', models.DateField()),
                ('answer_due_on', models.DateField()),
                ('answer', models.TextField(default='')),
                ('answered_on', models.DateField(null=True)),
                ('answered_by', models.UUIDField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('voucher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vouchers.voucher')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('answered_on__isnull', True)), fields=['answer_due_on'], name='complaint_open'), models.Index(fields=['organisation_id', 'id'], name='complaint_by_organisation'), models.Index(fields=['answered_on', 'id'], name='complaint_answered')],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='complaint_has_text'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_by__isnull', True), ('answered_on__isnull', True)), models.Q(('answered_by__isnull', False), ('answered_on__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='complaint_answered_whole')],
            },
        ),
        migrations.CreateModel(
            name='SignedAct',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('act', models.TextField()),
                ('organisation_id', models.UUIDField()),
                ('person_id', models.UUIDField()),
                ('content', models.JSONField()),
                ('signature', models.JSONField()),
                ('effective_at', models.DateTimeField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('holding', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vouchers.holding')),
                ('voucher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vouchers.voucher')),
            ],
            options={
                'indexes': [models.Index(fields=['voucher', 'recorded_at'], name='act_by_voucher')],
            },
        ),
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organisation_id', models.UUIDField()),
                ('person_id', models.UUIDField()),
                ('said_on', models.DateField()),
                ('pays_on', models.DateField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('amount_minor', fourflow.platform.db.fields.MinorField()),
                ('reason', models.TextField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('voucher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vouchers.voucher')),
            ],
            options={
                'indexes': [models.Index(fields=['voucher', 'id'], name='promise_by_voucher'), models.Index(fields=['pays_on', 'id'], name='promise_by_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('pays_on__gt', models.F('said_on'))), name='promise_after_it_is_said'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='promise_amount_positive'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='promise_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Overlay',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('source', models.TextField()),
                ('organisation_id', models.UUIDField()),
                ('opened_by', models.UUIDField()),
                ('opened_on', models.DateField()),
                ('approval_id', models.UUIDField(null=True)),
                ('closed_on', models.DateField(null=True)),
                ('closing_reason', models.TextField(default='')),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('holding', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vouchers.holding')),
                ('voucher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vouchers.voucher')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_on__isnull', True)), fields=['voucher'], name='overlay_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['disputed', 'frozen'])), name='overlay_kind_known'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='overlay_has_source'), models.CheckConstraint(condition=models.Q(('closed_on__isnull', True), ('closed_on__gte', models.F('opened_on')), _connector='OR'), name='overlay_period')],
            },
        ),
    ]
