import django.db.models.deletion
import django.db.models.functions.datetime
import fourflow.platform.db.fields
import fourflow.platform.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('parties', '0002_rules'),
        ('parties', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('name', models.TextField()),
                ('address', models.TextField()),
                ('rhythm', models.TextField()),
                ('language', models.TextField()),
                ('state', models.TextField(default='active')),
                ('next_on', models.DateField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('reason', models.TextField(blank=True, default='')),
                ('subscribed_at', models.DateTimeField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'reports_schedule',
                'indexes': [models.Index(condition=models.Q(('state', 'active')), fields=['due_at'], name='schedule_due'), models.Index(fields=['account', 'organisation'], name='schedule_of_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('rhythm__in', ['daily', 'weekly', 'monthly'])), name='schedule_rhythm_known'), models.CheckConstraint(condition=models.Q(('state__in', ['active', 'paused', 'stopped', 'ended'])), name='schedule_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('next_on__isnull', False), ('state', 'active')), models.Q(models.Q(('state', 'active'), _negated=True), ('due_at__isnull', True), ('next_on__isnull', True)), _connector='OR'), name='schedule_due_while_active'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'stopped'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('state', 'stopped'), _negated=True), ('reason', '')), _connector='OR'), name='schedule_stopped_with_reason'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), ('address__startswith', '/')), name='schedule_named')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('made_at', models.DateTimeField()),
                ('code', models.TextField(blank=True, default='')),
                ('sha256', models.TextField(blank=True, default='')),
                ('size', models.PositiveIntegerField(default=0)),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
                ('schedule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reports.schedule')),
            ],
            options={
                'db_table': 'reports_report',
                'constraints': [models.UniqueConstraint(fields=('schedule', 'day'), name='report_once_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('code', ''), ('sha256__regex', '^[0-9a-f]{64}$'), ('size__gt', 0)), models.Q(models.Q(('code', ''), _negated=True), ('sha256', ''), ('size', 0)), _connector='OR'), name='report_made_or_failed')],
            },
        ),
        migrations.CreateModel(
            name='File',
            fields=[
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='reports.report')),
                ('made_at', models.DateTimeField()),
                ('content', models.BinaryField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'reports_file',
                'indexes': [models.Index(fields=['made_at'], name='file_oldest')],
            },
        ),
    ]
