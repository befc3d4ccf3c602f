"""Accounts of erased people, and for how long an organisation keeps the records of students."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('attendance', '0013_texts_can_be_erased'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.AddField(
            model_name='organisation',
            name='record_years',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='years for which records are kept'),
        ),
        migrations.AddField(
            model_name='user',
            name='erased_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='erased'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('record_years__range', (1, 50))), name='organisation_record_years_1_to_50'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), models.Q(('department__isnull', True), ('email', ''), ('family_name', 'Erased person'), ('given_name', ''), ('is_active', False), ('is_superuser', False), ('number', '')), _connector='OR'), name='user_erased_is_nobody'),
        ),
    ]
