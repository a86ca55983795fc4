"""The name of a responsible party may have 400 letters: some plans spell out every ministry and agency."""

import recommendations.text.intake
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0017_staff_language"),
    ]

    operations = [
        migrations.AlterField(
            model_name="historicalresponsibleparty",
            name="name",
            field=recommendations.text.intake.LineField(max_length=400),
        ),
        migrations.AlterField(
            model_name="responsibleparty",
            name="name",
            field=recommendations.text.intake.LineField(max_length=400),
        ),
    ]
