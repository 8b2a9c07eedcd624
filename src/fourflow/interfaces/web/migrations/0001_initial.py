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
            name='Display',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('rows', models.TextField()),
                ('letters', models.TextField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'web_display',
                'constraints': [models.CheckConstraint(condition=models.Q(('rows__in', ['regular', 'comfortable', 'compact'])), name='display_rows_known'), models.CheckConstraint(condition=models.Q(('letters__in', ['regular', 'large'])), name='display_letters_known')],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('path', models.TextField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('answers', models.JSONField()),
                ('step', models.PositiveSmallIntegerField(default=1)),
                ('version', models.PositiveIntegerField(default=1)),
                ('kept_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'web_draft',
                'constraints': [models.UniqueConstraint(fields=('account', 'organisation', 'path'), name='draft_one_a_form'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('kept_at'))), name='draft_ends')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', fourflow.platform.db.fields.IdField(default=fourflow.platform.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('path', models.TextField()),
                ('recorded_at', fourflow.platform.db.fields.RecordedAtField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('name', models.TextField()),
                ('query', models.TextField(blank=True, default='')),
                ('is_default', models.BooleanField(default=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.party')),
            ],
            options={
                'db_table': 'web_saved_view',
                'constraints': [models.UniqueConstraint(fields=('account', 'organisation', 'path', 'name'), name='saved_view_named_once'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('account', 'organisation', 'path'), name='saved_view_one_default')],
            },
        ),
    ]
