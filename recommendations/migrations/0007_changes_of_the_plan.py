"""A correction may be about what was adopted: a recommendation, an area or a responsible party."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def forget_changes_of_the_plan(apps, schema_editor):
    """On the way back: the version before this one has no place for them."""
    apps.get_model("recommendations", "Correction").objects.filter(update=None).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0006_logos"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="correction",
            name="withdrawal_is_never_minor",
        ),
        migrations.AddField(
            model_name="correction",
            name="area",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="recommendations.area",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="party",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="recommendations.responsibleparty",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="recommendation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="recommendations.recommendation",
            ),
        ),
        migrations.AlterField(
            model_name="correction",
            name="update",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="recommendations.progressupdate",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_changes_of_the_plan),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_withdrawal", False), models.Q(("after__isnull", True), ("is_minor", False)), _connector="OR"
                ),
                name="withdrawal_is_never_minor",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("area__isnull", True),
                        ("party__isnull", True),
                        ("recommendation__isnull", True),
                        ("update__isnull", False),
                    ),
                    models.Q(
                        ("area__isnull", True),
                        ("party__isnull", True),
                        ("recommendation__isnull", False),
                        ("update__isnull", True),
                    ),
                    models.Q(
                        ("area__isnull", False),
                        ("party__isnull", True),
                        ("recommendation__isnull", True),
                        ("update__isnull", True),
                    ),
                    models.Q(
                        ("area__isnull", True),
                        ("party__isnull", False),
                        ("recommendation__isnull", True),
                        ("update__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="correction_is_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("update__isnull", False),
                    models.Q(
                        ("after__isnull", False),
                        ("before__isnull", False),
                        ("is_minor", False),
                        ("is_withdrawal", False),
                        models.Q(("note", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="change_of_the_plan_is_told_whole",
            ),
        ),
    ]
