import django.db.models.deletion
import django.db.models.functions.datetime
import fourflow.platform.db.fields
import fourflow.platform.ids
import fourflow.trade.documents.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AttachmentRow',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('document_id', models.UUIDField()),
                ('sha256', models.CharField(max_length=64)),
                ('file_name', models.TextField()),
                ('media_type', models.TextField()),
                ('size', models.BigIntegerField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'documents_attachment',
                'constraints': [models.UniqueConstraint(fields=('document_id', 'sha256'), name='attachment_once'), models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='attachment_hash'), models.CheckConstraint(condition=models.Q(('size__gte', 0)), name='attachment_size')],
            },
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('buyer_id', models.UUIDField()),
                ('person_id', models.UUIDField()),
                ('source', models.TextField()),
                ('file_name', models.TextField()),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('encoding', models.TextField(default='')),
                ('mode', models.TextField()),
                ('read_as_of', models.DateField()),
                ('state', models.TextField(default='received')),
                ('orders_total', models.PositiveIntegerField(default=0)),
                ('orders_passed', models.PositiveIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('by_code', models.JSONField(default=dict)),
                ('received_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'documents_import',
                'indexes': [models.Index(fields=['buyer_id', '-id'], name='import_by_buyer')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['received', 'storing', 'done', 'refused'])), name='import_state_known'), models.CheckConstraint(condition=models.Q(('mode__in', ['strict', 'good_rows'])), name='import_mode_known'), models.CheckConstraint(condition=models.Q(('orders_passed__lte', models.F('orders_total'))), name='import_not_past_its_end'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('state__in', ['done', 'refused'])), models.Q(('finished_at__isnull', True), ('state__in', ['received', 'storing'])), _connector='OR'), name='import_finished_when_final'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('orders_passed', models.F('orders_total')), _connector='OR'), name='import_done_means_all'), models.UniqueConstraint(condition=models.Q(('state', 'refused'), _negated=True), fields=('buyer_id', 'sha256'), name='import_once_per_file')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('buyer_id', models.UUIDField()),
                ('seller', models.TextField()),
                ('number', models.TextField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('delivered_on', models.DateField()),
                ('noted_on', models.DateField(null=True)),
                ('scheduled_on', models.DateField(null=True)),
                ('transport', models.TextField(default='')),
                ('own_stock', models.BooleanField(default=False)),
                ('amount_minor', fourflow.platform.db.fields.MinorField()),
                ('line_count', models.PositiveIntegerField()),
                ('refs', models.JSONField(default=list)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('of_import', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.import')),
            ],
            options={
                'db_table': 'documents_delivery',
                'indexes': [models.Index(fields=['delivered_on', 'id'], name='delivery_by_day'), models.Index(fields=['amount_minor', 'id'], name='delivery_by_amount'), models.Index(fields=['number', 'id'], name='delivery_by_number'), models.Index(fields=['seller'], name='delivery_by_seller')],
                'constraints': [models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='delivery_named'), models.CheckConstraint(condition=models.Q(('line_count__gte', 1)), name='delivery_of_something')],
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('buyer_id', models.UUIDField()),
                ('seller', models.TextField()),
                ('number', models.TextField()),
                ('currency', fourflow.platform.db.fields.CurrencyField(max_length=3)),
                ('ordered_on', models.DateField(null=True)),
                ('destination', models.TextField(default='')),
                ('incoterm', models.TextField(default='')),
                ('project', models.TextField(default='')),
                ('own_stock', models.BooleanField(default=False)),
                ('refs', models.JSONField(default=list)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('of_import', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.import')),
            ],
            options={
                'db_table': 'documents_order',
                'indexes': [models.Index(fields=['buyer_id', '-ordered_on', '-id'], name='order_by_day'), models.Index(fields=['seller'], name='order_by_seller')],
                'constraints': [models.UniqueConstraint(fields=('buyer_id', 'seller', 'number'), name='order_number_once'), models.UniqueConstraint(fields=('id', 'buyer_id', 'seller', 'currency'), name='order_whole_key'), models.CheckConstraint(condition=models.Q(models.Q(('number', ''), _negated=True), models.Q(('seller', ''), _negated=True)), name='order_named')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryLine',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('order_line', models.TextField()),
                ('item', models.TextField()),
                ('quantity', fourflow.trade.documents.models.QuantityField(decimal_places=6, max_digits=24)),
                ('amount_minor', fourflow.platform.db.fields.MinorField()),
                ('maker', models.TextField(default='')),
                ('weight', models.JSONField(default=dict)),
                ('freight', models.JSONField(default=dict)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.delivery')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.order')),
            ],
            options={
                'db_table': 'documents_delivery_line',
                'constraints': [models.UniqueConstraint(fields=('delivery', 'order_line'), name='delivery_line_once'), models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0)), name='delivery_line_not_negative'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='delivery_line_of_something')],
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.order'),
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.TextField()),
                ('item', models.TextField()),
                ('item_group', models.TextField(default='')),
                ('quantity', fourflow.trade.documents.models.QuantityField(decimal_places=6, max_digits=24)),
                ('unit', models.TextField()),
                ('unit_price', fourflow.trade.documents.models.QuantityField(decimal_places=6, max_digits=24, null=True)),
                ('amount_minor', fourflow.platform.db.fields.MinorField()),
                ('maker', models.TextField(default='')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.order')),
            ],
            options={
                'db_table': 'documents_order_line',
                'constraints': [models.UniqueConstraint(fields=('order', 'number'), name='order_line_number_once'), models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0)), name='order_line_not_negative'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='order_line_of_something')],
            },
        ),
        migrations.CreateModel(
            name='Paper',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('buyer_id', models.UUIDField()),
                ('seller', models.TextField()),
                ('number', models.TextField()),
                ('code', models.TextField(default='')),
                ('currency', fourflow.platform.db.fields.CurrencyField(blank=True, default='', max_length=3)),
                ('amount_minor', fourflow.platform.db.fields.MinorField(null=True)),
                ('tax_minor', fourflow.platform.db.fields.MinorField(null=True)),
                ('dated_on', models.DateField()),
                ('due_on', models.DateField(null=True)),
                ('payment_days', models.PositiveIntegerField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'documents_paper',
                'indexes': [models.Index(fields=['kind', 'dated_on', 'id'], name='paper_by_day'), models.Index(fields=['kind', 'number', 'id'], name='paper_by_number')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'buyer_id', 'seller', 'code', 'number'), name='paper_number_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['invoice', 'contract'])), name='paper_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('number', ''), _negated=True), models.Q(('seller', ''), _negated=True)), name='paper_named'), models.CheckConstraint(condition=models.Q(('kind', 'contract'), ('amount_minor__gt', 0), _connector='OR'), name='paper_invoice_has_amount'), models.CheckConstraint(condition=models.Q(('amount_minor__isnull', True), ('amount_minor__gt', 0), _connector='OR'), name='paper_positive')],
            },
        ),
        migrations.CreateModel(
            name='PaperRef',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('number', models.TextField()),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.paper')),
            ],
            options={
                'db_table': 'documents_paper_ref',
                'indexes': [models.Index(fields=['kind', 'number'], name='paper_ref_by_number')],
                'constraints': [models.UniqueConstraint(fields=('paper', 'kind', 'number'), name='paper_ref_once')],
            },
        ),
        migrations.CreateModel(
            name='PartyNameRow',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('buyer_id', models.UUIDField()),
                ('name', models.TextField()),
                ('firm', models.TextField()),
                ('firm_group', models.TextField(default='')),
                ('reason', models.TextField(default='')),
                ('party_id', models.UUIDField(null=True)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'documents_party_name',
                'constraints': [models.UniqueConstraint(fields=('buyer_id', 'name'), name='party_name_once'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('firm', ''), _negated=True)), name='party_name_named')],
            },
        ),
        migrations.CreateModel(
            name='ImportFile',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('what', models.TextField()),
                ('content', models.BinaryField()),
                ('of_import', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.import')),
            ],
            options={
                'db_table': 'documents_import_file',
                'constraints': [models.UniqueConstraint(fields=('of_import', 'what'), name='import_file_once'), models.CheckConstraint(condition=models.Q(('what__in', ['original', 'rejects', 'problems'])), name='import_file_kind_known')],
            },
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('order', 'number'), name='delivery_number_once'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('id', 'order'), name='delivery_with_order'),
        ),
    ]
