from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('swaps', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='swap',
            name='trashed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='swap',
            index=models.Index(fields=['team', 'status', '-id'], name='gallery_by_state'),
        ),
        migrations.AddIndex(
            model_name='swap',
            index=models.Index(fields=['maker', '-id'], name='gallery_by_maker'),
        ),
        migrations.AddIndex(
            model_name='swap',
            index=models.Index(fields=['team', 'maker', '-id'], name='makers_of_a_team'),
        ),
        migrations.AddIndex(
            model_name='swap',
            index=models.Index(fields=['created_at'], name='by_date'),
        ),
        migrations.AddIndex(
            model_name='swap',
            index=models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['trashed_at'], name='in_trash'),
        ),
    ]
