import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('swaps', '0002_trash_and_gallery_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('what', models.CharField(choices=[('requested', 'Asked for'), ('retried', 'Tried again'), ('canceled', 'Cancelled'), ('succeeded', 'Done'), ('failed', 'Failed'), ('renamed', 'Given a title'), ('marked', 'Made a favourite'), ('unmarked', 'No favourite any more'), ('downloaded', 'Downloaded'), ('trashed', 'Put into the trash'), ('put_back', 'Taken out of the trash'), ('deleted', 'Deleted with its pictures'), ('uploaded', 'Picture uploaded'), ('removed', 'Picture removed'), ('logged_in', 'Logged in'), ('logged_out', 'Logged out'), ('log_in_failed', 'Failed to log in'), ('password_changed', 'Password changed'), ('password_link', 'Password link made'), ('account_made', 'Account made'), ('account_changed', 'Account changed'), ('invited', 'Invited'), ('invitation_withdrawn', 'Invitation withdrawn'), ('joined', 'Joined a team'), ('role_changed', 'Role changed'), ('left', 'Taken out of a team')], max_length=24)),
                ('actor_name', models.CharField(blank=True, max_length=150)),
                ('via', models.CharField(max_length=10)),
                ('address', models.GenericIPAddressField(null=True)),
                ('photo', models.UUIDField(null=True)),
                ('person_name', models.CharField(blank=True, max_length=150)),
                ('details', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='event',
            name='actor',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='event',
            name='person',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='event',
            name='swap',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='swaps.swap'),
        ),
    ]
