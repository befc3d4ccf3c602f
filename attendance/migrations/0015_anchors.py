"""Anchors of blocks in a public chain, and triggers that keep what was signed and what has ended, whoever asks."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# A row that has ended stays as it is, and what was signed stays what it is.
ENDED = "OLD.confirmed_at IS NOT NULL OR OLD.given_up_at IS NOT NULL"
SIGNED = ("id", "network", "account", "checkpoint_id", "envelope", "transaction_hash", "sequence", "ends_at", "signed_at")
SQLITE_UPDATE = """
    CREATE TRIGGER anchor_refuses_update BEFORE UPDATE ON attendance_anchor WHEN {condition}
    BEGIN SELECT RAISE(ABORT, 'an anchor that was signed or has ended stays: UPDATE refused'); END
"""
SQLITE_DELETE = """
    CREATE TRIGGER anchor_refuses_delete BEFORE DELETE ON attendance_anchor WHEN OLD.envelope <> ''
    BEGIN SELECT RAISE(ABORT, 'an anchor that was signed or has ended stays: DELETE refused'); END
"""
FUNCTION = """
    CREATE FUNCTION attendance_anchor_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'an anchor that was signed or has ended stays: % refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""
POSTGRESQL_UPDATE = """
    CREATE TRIGGER anchor_refuses_update BEFORE UPDATE ON attendance_anchor
    FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION attendance_anchor_refuses()
"""
POSTGRESQL_DELETE = """
    CREATE TRIGGER anchor_refuses_delete BEFORE DELETE ON attendance_anchor
    FOR EACH ROW WHEN (OLD.envelope <> '') EXECUTE FUNCTION attendance_anchor_refuses()
"""


def condition(differs: str) -> str:
    """Return when an update is refused; `differs` is how the database says that two values do, nulls included."""
    signed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in SIGNED)
    return f"{ENDED} OR (OLD.envelope <> '' AND ({signed}))"


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        statements = [FUNCTION, POSTGRESQL_UPDATE.format(condition=condition("IS DISTINCT FROM")), POSTGRESQL_DELETE]
    else:
        statements = [SQLITE_UPDATE.format(condition=condition("IS NOT")), SQLITE_DELETE]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        statements = [f"DROP TRIGGER anchor_refuses_{act} ON attendance_anchor" for act in ("update", "delete")]
        statements.append("DROP FUNCTION attendance_anchor_refuses()")
    else:
        statements = [f"DROP TRIGGER anchor_refuses_{act}" for act in ("update", "delete")]
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('attendance', '0014_erased_people'),
    ]

    operations = [
        migrations.CreateModel(
            name='Anchor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('network', models.CharField(choices=[('testnet', 'Stellar, test network'), ('public', 'Stellar, public network')], max_length=10)),
                ('account', models.CharField(blank=True, max_length=56)),
                ('envelope', models.TextField(blank=True)),
                ('transaction_hash', models.CharField(blank=True, max_length=64)),
                ('sequence', models.BigIntegerField(null=True)),
                ('ends_at', models.DateTimeField(null=True)),
                ('begun_at', models.DateTimeField()),
                ('signed_at', models.DateTimeField(null=True)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('ledger', models.BigIntegerField(null=True)),
                ('given_up_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_try_at', models.DateTimeField()),
                ('problem', models.CharField(blank=True, choices=[('unreachable', 'Horizon, the server of the chain, does not answer.'), ('throttled', 'Horizon wants to be asked less often.'), ('busy', 'Horizon is too busy, or has not seen the transaction in a ledger in time.'), ('strange', 'The server at STELLAR_HORIZON_URL does not answer as Horizon does.'), ('other_network', 'The Horizon at STELLAR_HORIZON_URL serves another network.'), ('no_account', 'The account is not there. Send it 3 XLM, which makes it.'), ('no_funds', 'The account cannot pay. Send it a few XLM.'), ('low_fee', 'The network is full and asks for more than 0.001 XLM. Nothing to do but wait.'), ('taken_number', 'Somebody else used the account. Give this log an account of its own.'), ('too_late', 'No ledger took the transaction in time. A new one follows.'), ('refused', 'The network refused the transaction.'), ('no_key', 'STELLAR_SECRET_KEY_FILE cannot be read, or holds no secret key of Stellar.')], max_length=20)),
                ('problem_detail', models.CharField(blank=True, max_length=200)),
                ('checkpoint', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='anchors', to='attendance.checkpoint')),
            ],
            options={
                'verbose_name': 'anchor',
                'verbose_name_plural': 'anchors',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('confirmed_at__isnull', True), ('given_up_at__isnull', True)), fields=('network',), name='anchor_one_at_a_time'), models.UniqueConstraint(condition=models.Q(('confirmed_at__isnull', False)), fields=('network', 'checkpoint'), name='anchor_confirmed_once_per_block'), models.UniqueConstraint(condition=models.Q(('transaction_hash__gt', '')), fields=('transaction_hash',), name='anchor_has_its_own_transaction'), models.CheckConstraint(condition=models.Q(models.Q(('checkpoint', None), ('ends_at', None), ('envelope', ''), ('sequence', None), ('signed_at', None), ('transaction_hash', '')), models.Q(('checkpoint__isnull', False), ('ends_at__isnull', False), ('sequence__isnull', False), ('signed_at__isnull', False), ('account__gt', ''), ('envelope__gt', ''), ('transaction_hash__gt', '')), _connector='OR'), name='anchor_is_signed_whole'), models.CheckConstraint(condition=models.Q(('submitted_at__isnull', True), ('signed_at__isnull', False), _connector='OR'), name='anchor_is_signed_first'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('ledger__isnull', True)), models.Q(('confirmed_at__isnull', False), ('ledger__isnull', False), ('submitted_at__isnull', False)), _connector='OR'), name='anchor_is_confirmed_in_a_ledger'), models.CheckConstraint(condition=models.Q(('confirmed_at__isnull', True), ('given_up_at__isnull', True), _connector='OR'), name='anchor_ends_one_way')],
            },
        ),
        migrations.RunPython(install, remove),
    ]
