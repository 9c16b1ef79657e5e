from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('swaps', '0007_form_keys'),
    ]

    operations = [
        migrations.AlterField(
            model_name='event',
            name='what',
            field=models.CharField(choices=[('requested', 'Asked for'), ('retried', 'Tried again'), ('canceled', 'Cancelled'), ('succeeded', 'Done'), ('failed', 'Failed'), ('renamed', 'Given a title'), ('marked', 'Made a favourite'), ('unmarked', 'No favourite any more'), ('downloaded', 'Downloaded'), ('trashed', 'Put into the trash'), ('put_back', 'Taken out of the trash'), ('deleted', 'Deleted with its pictures'), ('uploaded', 'Picture uploaded'), ('removed', 'Picture removed'), ('logged_in', 'Logged in'), ('logged_out', 'Logged out'), ('log_in_failed', 'Failed to log in'), ('password_changed', 'Password changed'), ('password_link', 'Password link made'), ('account_made', 'Account made'), ('account_changed', 'Account changed'), ('invited', 'Invited'), ('invitation_withdrawn', 'Invitation withdrawn'), ('joined', 'Joined a team'), ('role_changed', 'Role changed'), ('left', 'Taken out of a team'), ('account_deleted', 'Account deleted'), ('team_made', 'Team made'), ('team_changed', 'Team changed'), ('team_deleted', 'Team deleted'), ('erased', 'Erased from the history'), ('exported', 'History exported')], max_length=24),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['task_id'], name='attempt_by_task_id'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['trace_id'], name='attempt_by_trace_id'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['what', '-id'], name='record_by_kind'),
        ),
        migrations.AddIndex(
            model_name='swap',
            index=models.Index(fields=['status', '-id'], name='history_by_state'),
        ),
        migrations.AddIndex(
            model_name='swap',
            index=models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['-id'], name='history_of_trash'),
        ),
        migrations.AddIndex(
            model_name='swap',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['-id'], name='history_of_deleted'),
        ),
    ]
