"""What a plan calls things, its statuses, care line and colour. Plans that are there keep what their pages said."""

import django.db.models.deletion
import recommendations.text.colours
import recommendations.text.intake
import simple_history.models
from django.conf import settings
from django.db import migrations, models

CARE_LINE = "This site talks about violence. You can't report violence here, and nobody watches for calls for help."


def keep_the_care_line(apps, schema_editor):
    """Every page had this line until now, so histories say it too."""
    for name in ("ActionPlan", "HistoricalActionPlan"):
        rows = apps.get_model("recommendations", name).objects.using(schema_editor.connection.alias)
        rows.update(care_line=CARE_LINE)


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0012_french"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalStatusWording",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("not started", "Not started"),
                            ("planned", "Planned"),
                            ("in progress", "In progress"),
                            ("ongoing", "Ongoing"),
                            ("on hold", "On hold"),
                            ("completed", "Completed"),
                            ("for others to act on", "For others to act on"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "label",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="A word or two, in lists, charts and reports.",
                        max_length=40,
                        verbose_name="what you call it",
                    ),
                ),
                (
                    "definition",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="For readers: where a recommendation with this status stands.",
                        max_length=2000,
                        verbose_name="what it says",
                    ),
                ),
                (
                    "evidence",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="What an update must be able to show before it records this status.",
                        max_length=2000,
                        verbose_name="the evidence it needs",
                    ),
                ),
                (
                    "is_used",
                    models.BooleanField(
                        default=True,
                        help_text="Clear this, and it is offered nowhere any more.",
                        verbose_name="we use it",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical status",
                "verbose_name_plural": "historical statuses",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="StatusWording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("not started", "Not started"),
                            ("planned", "Planned"),
                            ("in progress", "In progress"),
                            ("ongoing", "Ongoing"),
                            ("on hold", "On hold"),
                            ("completed", "Completed"),
                            ("for others to act on", "For others to act on"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "label",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="A word or two, in lists, charts and reports.",
                        max_length=40,
                        verbose_name="what you call it",
                    ),
                ),
                (
                    "definition",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="For readers: where a recommendation with this status stands.",
                        max_length=2000,
                        verbose_name="what it says",
                    ),
                ),
                (
                    "evidence",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="What an update must be able to show before it records this status.",
                        max_length=2000,
                        verbose_name="the evidence it needs",
                    ),
                ),
                (
                    "is_used",
                    models.BooleanField(
                        default=True,
                        help_text="Clear this, and it is offered nowhere any more.",
                        verbose_name="we use it",
                    ),
                ),
            ],
            options={
                "verbose_name": "status",
                "verbose_name_plural": "statuses",
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="actionplan",
            name="accent_colour",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="Your organization's colour, for links, buttons and the cover of reports: # and six digits, such as #1f4e79. Leave empty for the tracker's own.",
                max_length=7,
                validators=[recommendations.text.colours.check_accent],
                verbose_name="accent colour",
            ),
        ),
        migrations.AddField(
            model_name="actionplan",
            name="care_line",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="At the top of every page, before the link to support: This site talks about suicide. Leave empty for none.",
                max_length=200,
                verbose_name="care line",
            ),
        ),
        migrations.AddField(
            model_name="actionplan",
            name="offers_leave",
            field=models.BooleanField(
                default=True,
                help_text="A button on every page for readers who must not be seen here. Turn it off only if nobody could be harmed for reading this site.",
                verbose_name="offer “Leave this site”",
            ),
        ),
        migrations.AddField(
            model_name="actionplan",
            name="recommendation_name",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="One of them, in small letters: call, commitment. It is in headings, in counts and before references. If empty, it is “recommendation”.",
                max_length=40,
                verbose_name="what you call a recommendation",
            ),
        ),
        migrations.AddField(
            model_name="actionplan",
            name="recommendation_name_plural",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="Several of them: calls, commitments.",
                max_length=40,
                verbose_name="what you call several",
            ),
        ),
        migrations.AddField(
            model_name="historicalactionplan",
            name="accent_colour",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="Your organization's colour, for links, buttons and the cover of reports: # and six digits, such as #1f4e79. Leave empty for the tracker's own.",
                max_length=7,
                validators=[recommendations.text.colours.check_accent],
                verbose_name="accent colour",
            ),
        ),
        migrations.AddField(
            model_name="historicalactionplan",
            name="care_line",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="At the top of every page, before the link to support: This site talks about suicide. Leave empty for none.",
                max_length=200,
                verbose_name="care line",
            ),
        ),
        migrations.AddField(
            model_name="historicalactionplan",
            name="offers_leave",
            field=models.BooleanField(
                default=True,
                help_text="A button on every page for readers who must not be seen here. Turn it off only if nobody could be harmed for reading this site.",
                verbose_name="offer “Leave this site”",
            ),
        ),
        migrations.AddField(
            model_name="historicalactionplan",
            name="recommendation_name",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="One of them, in small letters: call, commitment. It is in headings, in counts and before references. If empty, it is “recommendation”.",
                max_length=40,
                verbose_name="what you call a recommendation",
            ),
        ),
        migrations.AddField(
            model_name="historicalactionplan",
            name="recommendation_name_plural",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="Several of them: calls, commitments.",
                max_length=40,
                verbose_name="what you call several",
            ),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="acknowledgement",
            field=recommendations.text.intake.PassageField(
                blank=True,
                help_text="Comes first in the introduction of reports. Names are kept exactly as you type or paste them, with all accents and marks.",
                max_length=20000,
                verbose_name="territorial acknowledgement",
            ),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="conference_dates_as_published",
            field=recommendations.text.intake.LineField(
                blank=True, help_text="As published: May 3-4, 2021", max_length=200, verbose_name="dates in words"
            ),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="conference_ends_on",
            field=models.DateField(blank=True, null=True, verbose_name="last day"),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="conference_name",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="Where the plan was adopted, as it should be on the report's cover: May 2021 Conference. Leave it empty if there was no conference.",
                max_length=200,
                verbose_name="conference",
            ),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="conference_starts_on",
            field=models.DateField(blank=True, null=True, verbose_name="first day"),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="exit_address",
            field=recommendations.text.intake.AddressField(
                default="https://www.wikipedia.org/",
                help_text="Where “Leave this site” leads: an ordinary site that says nothing about the reader.",
                max_length=500,
                verbose_name="leave address",
            ),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="introduction",
            field=recommendations.text.intake.PassageField(
                blank=True,
                help_text="How the plan came about. Leave an empty line between paragraphs.",
                max_length=20000,
            ),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="acknowledgement",
            field=recommendations.text.intake.PassageField(
                blank=True,
                help_text="Comes first in the introduction of reports. Names are kept exactly as you type or paste them, with all accents and marks.",
                max_length=20000,
                verbose_name="territorial acknowledgement",
            ),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="conference_dates_as_published",
            field=recommendations.text.intake.LineField(
                blank=True, help_text="As published: May 3-4, 2021", max_length=200, verbose_name="dates in words"
            ),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="conference_ends_on",
            field=models.DateField(blank=True, null=True, verbose_name="last day"),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="conference_name",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="Where the plan was adopted, as it should be on the report's cover: May 2021 Conference. Leave it empty if there was no conference.",
                max_length=200,
                verbose_name="conference",
            ),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="conference_starts_on",
            field=models.DateField(blank=True, null=True, verbose_name="first day"),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="exit_address",
            field=recommendations.text.intake.AddressField(
                default="https://www.wikipedia.org/",
                help_text="Where “Leave this site” leads: an ordinary site that says nothing about the reader.",
                max_length=500,
                verbose_name="leave address",
            ),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="introduction",
            field=recommendations.text.intake.PassageField(
                blank=True,
                help_text="How the plan came about. Leave an empty line between paragraphs.",
                max_length=20000,
            ),
        ),
        migrations.AlterField(
            model_name="historicallogo",
            name="alt",
            field=recommendations.text.intake.LineField(
                help_text="Read aloud, or shown, when people can't see the picture. The organization's name is best.",
                max_length=200,
                verbose_name="alternate text",
            ),
        ),
        migrations.AlterField(
            model_name="historicalreport",
            name="introduction",
            field=recommendations.text.intake.PassageField(
                blank=True, help_text="Comes after the plan's introduction.", max_length=20000
            ),
        ),
        migrations.AlterField(
            model_name="logo",
            name="alt",
            field=recommendations.text.intake.LineField(
                help_text="Read aloud, or shown, when people can't see the picture. The organization's name is best.",
                max_length=200,
                verbose_name="alternate text",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="introduction",
            field=recommendations.text.intake.PassageField(
                blank=True, help_text="Comes after the plan's introduction.", max_length=20000
            ),
        ),
        migrations.AddConstraint(
            model_name="actionplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("conference_ends_on", None), ("conference_starts_on", None)),
                    models.Q(("conference_ends_on__isnull", False), ("conference_starts_on__isnull", False)),
                    _connector="OR",
                ),
                name="conference_has_both_days_or_none",
                violation_error_message="Give both the first and the last day, or neither.",
            ),
        ),
        migrations.AddConstraint(
            model_name="actionplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recommendation_name", ""), ("recommendation_name_plural", "")),
                    models.Q(
                        models.Q(("recommendation_name", ""), _negated=True),
                        models.Q(("recommendation_name_plural", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="recommendation_has_both_names_or_none",
                violation_error_message="Give both words, for one and for several, or neither.",
            ),
        ),
        migrations.AddField(
            model_name="historicalstatuswording",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicalstatuswording",
            name="plan",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                default=1,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="recommendations.actionplan",
            ),
        ),
        migrations.AddField(
            model_name="statuswording",
            name="plan",
            field=models.ForeignKey(
                default=1,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="status_wordings",
                to="recommendations.actionplan",
            ),
        ),
        migrations.AddConstraint(
            model_name="statuswording",
            constraint=models.UniqueConstraint(
                fields=("plan", "status"),
                name="status_is_worded_once",
                violation_error_message="This status is already listed.",
            ),
        ),
        migrations.AddConstraint(
            model_name="statuswording",
            constraint=models.UniqueConstraint(
                condition=models.Q(("label", ""), _negated=True),
                fields=("plan", "label"),
                name="status_label_is_used_once",
                violation_error_message="Another status is called this.",
            ),
        ),
        migrations.AddConstraint(
            model_name="statuswording",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "not started",
                            "planned",
                            "in progress",
                            "ongoing",
                            "on hold",
                            "completed",
                            "for others to act on",
                        ],
                    )
                ),
                name="worded_status_is_known",
            ),
        ),
        migrations.RunPython(keep_the_care_line, migrations.RunPython.noop),
    ]
