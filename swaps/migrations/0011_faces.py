from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('swaps', '0010_provider_page'),
    ]

    operations = [
        migrations.RenameField(
            model_name='swap',
            old_name='face',
            new_name='target_faces',
        ),
        migrations.AlterField(
            model_name='swap',
            name='target_faces',
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name='swap',
            name='source_face',
            field=models.CharField(blank=True, default='', max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='photo',
            name='faces',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='photo',
            name='faces_asked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='photo',
            name='looks',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='photo',
            name='look_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='photo',
            index=models.Index(condition=models.Q(('faces__isnull', True), ('faces_asked_at__isnull', False)), fields=['faces_asked_at'], name='faces_asked_for'),
        ),
    ]
