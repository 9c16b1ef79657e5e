from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('swaps', '0005_invitations_and_caps'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['finished_at'], name='attempts_by_end'),
        ),
    ]
