"""Events that belong to no lecture: decisions, policies, new keys of the ledger.

SQLite makes a table anew for each such change, and its triggers go with the old one: they step aside and are put up again.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

guard = import_module("attendance.migrations.0002_events_are_append_only")


class Migration(migrations.Migration):

    dependencies = [
        ('attendance', '0011_ledger_is_append_only'),
    ]

    operations = [
        migrations.RunPython(guard.remove, guard.install),
        migrations.AlterField(
            model_name='attendanceevent',
            name='actor',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='attendanceevent',
            name='kind',
            field=models.CharField(choices=[('session_opened', 'Check-in opened'), ('session_closed', 'Check-in closed'), ('marked', 'Marked'), ('request_decided', 'Request decided'), ('policy_changed', 'Policy changed'), ('key_rotated', 'New key of the ledger')], max_length=20),
        ),
        migrations.AlterField(
            model_name='attendanceevent',
            name='lecture',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='attendance.lecture'),
        ),
        migrations.AlterField(
            model_name='attendanceevent',
            name='method',
            field=models.CharField(blank=True, choices=[('teacher', 'By the teacher'), ('scan', 'By scanning the code'), ('typed', 'By typing the code'), ('closing', 'On closing'), ('import', 'By an import'), ('request', 'By a request that was approved')], max_length=10),
        ),
        migrations.AlterField(
            model_name='attendanceevent',
            name='organisation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='attendance.organisation'),
        ),
        migrations.AddConstraint(
            model_name='attendanceevent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['session_opened', 'session_closed', 'marked']), _negated=True), ('lecture__isnull', False), _connector='OR'), name='event_of_a_lecture_names_it'),
        ),
        migrations.AddConstraint(
            model_name='attendanceevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'key_rotated'), models.Q(('actor__isnull', False), ('organisation__isnull', False)), _connector='OR'), name='event_names_who_did_it_and_where'),
        ),
        migrations.RunPython(guard.install, guard.remove),
    ]
