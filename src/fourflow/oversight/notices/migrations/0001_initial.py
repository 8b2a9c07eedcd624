import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import fourflow.platform.db.fields
import fourflow.platform.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('parties', '0002_rules'),
        ('platform', '0002_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='Position',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('position', models.BigIntegerField(default=-1)),
            ],
            options={
                'db_table': 'notices_position',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='notices_position_one_row')],
            },
        ),
        migrations.CreateModel(
            name='Reader',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='parties.person')),
                ('language', models.TextField()),
                ('daily', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('off', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'notices_reader',
                'constraints': [models.CheckConstraint(condition=models.Q(('language__in', ['zh', 'en'])), name='reader_language_known'), models.CheckConstraint(condition=models.Q(('daily__contained_by', ['decision', 'offer', 'financing', 'payment', 'overdue', 'risk', 'partners', 'report', 'security']), ('off__contained_by', ['decision', 'offer', 'financing', 'payment', 'overdue', 'risk', 'partners', 'report', 'security'])), name='reader_topics_known'), models.CheckConstraint(condition=models.Q(models.Q(('off__overlap', ['security']), _negated=True), models.Q(('daily__overlap', ['security']), _negated=True)), name='reader_is_told_of_security'), models.CheckConstraint(condition=models.Q(('daily__overlap', models.F('off')), _negated=True), name='reader_chooses_once')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('topic', models.TextField()),
                ('about_kind', models.TextField(blank=True, default='')),
                ('about_id', models.UUIDField(null=True)),
                ('together', models.BooleanField(default=False)),
                ('state', models.TextField()),
                ('due_at', models.DateTimeField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sending_since', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('error', models.TextField(blank=True, default='')),
                ('happened_at', models.DateTimeField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platform.storedevent')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.person')),
            ],
            options={
                'db_table': 'notices_notice',
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['due_at', 'id'], name='notice_due'), models.Index(condition=models.Q(('state', 'sending')), fields=['sending_since'], name='notice_under_way'), models.Index(fields=['person', '-id'], name='notice_of_person'), models.Index(condition=models.Q(('state__in', ['failed', 'unsure'])), fields=['recorded_at'], name='notice_gone_wrong')],
                'constraints': [models.UniqueConstraint(fields=('event', 'person'), name='notice_once'), models.CheckConstraint(condition=models.Q(('topic__in', ['decision', 'offer', 'financing', 'payment', 'overdue', 'risk', 'partners', 'report', 'security'])), name='notice_topic_known'), models.CheckConstraint(condition=models.Q(('state__in', ['kept', 'pending', 'sending', 'sent', 'failed', 'unsure'])), name='notice_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('state', 'pending')), models.Q(models.Q(('state', 'pending'), _negated=True), ('due_at__isnull', True)), _connector='OR'), name='notice_due_while_pending'), models.CheckConstraint(condition=models.Q(models.Q(('sending_since__isnull', False), ('state', 'sending')), models.Q(('state', 'sending'), _negated=True), _connector='OR'), name='notice_sending_since'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='notice_sent_at_a_time')],
            },
        ),
    ]
