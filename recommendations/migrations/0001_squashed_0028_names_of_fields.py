"""The tables of the first 28 migrations in one: a new database is made in two seconds instead of thirteen.

A database that has some of the 28 goes on with the others; one that has them all has this one too.
"""

import django.core.validators
import django.db.models.deletion
import recommendations.models.plan
import recommendations.models.recommendations
import recommendations.models.saves
import recommendations.text.colours
import recommendations.text.intake
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("recommendations", "0001_initial"),
        ("recommendations", "0002_phrases"),
        ("recommendations", "0003_numbers"),
        ("recommendations", "0004_publish_permission"),
        ("recommendations", "0005_reminders"),
        ("recommendations", "0006_logos"),
        ("recommendations", "0007_changes_of_the_plan"),
        ("recommendations", "0008_password_resets"),
        ("recommendations", "0009_set_aside"),
        ("recommendations", "0010_what_editions_hold"),
        ("recommendations", "0011_words"),
        ("recommendations", "0012_french"),
        ("recommendations", "0013_own_words"),
        ("recommendations", "0014_links"),
        ("recommendations", "0015_references"),
        ("recommendations", "0016_beside"),
        ("recommendations", "0017_staff_language"),
        ("recommendations", "0018_party_names"),
        ("recommendations", "0019_plurals"),
        ("recommendations", "0020_people"),
        ("recommendations", "0021_finding_answers"),
        ("recommendations", "0022_eyes"),
        ("recommendations", "0023_history_by_save"),
        ("recommendations", "0024_terms"),
        ("recommendations", "0025_writing"),
        ("recommendations", "0026_notes"),
        ("recommendations", "0027_choices"),
        ("recommendations", "0028_names_of_fields"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LogoImage",
            fields=[
                ("sha256", models.CharField(editable=False, max_length=64, primary_key=True, serialize=False)),
                ("content", models.BinaryField()),
                (
                    "content_type",
                    models.CharField(choices=[("image/png", "image/png"), ("image/jpeg", "image/jpeg")], max_length=10),
                ),
                ("width", models.PositiveSmallIntegerField()),
                ("height", models.PositiveSmallIntegerField()),
            ],
            options={
                "verbose_name": "picture",
            },
        ),
        migrations.CreateModel(
            name="ReminderSent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, unique=True)),
                ("sent_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "reminder sent",
                "verbose_name_plural": "reminders sent",
                "ordering": ["-sent_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ActionPlan",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                (
                    "title",
                    recommendations.text.intake.LineField(
                        help_text="Shown at the top of every page. Anything after a colon becomes the second line of the title.",
                        max_length=200,
                        verbose_name="title",
                    ),
                ),
                (
                    "recommendation_name",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="One of them, in small letters: call, commitment. It is in headings, in counts and before references. If empty, it is “recommendation”.",
                        max_length=40,
                        verbose_name="what you call a recommendation",
                    ),
                ),
                (
                    "recommendation_name_plural",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Several of them: calls, commitments.",
                        max_length=40,
                        verbose_name="what you call several",
                    ),
                ),
                (
                    "conference_name",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Where the plan was adopted, as it should be on the report's cover: May 2021 Conference. Leave it empty if there was no conference.",
                        max_length=200,
                        verbose_name="conference",
                    ),
                ),
                (
                    "conference_dates_as_published",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="As published: May 3-4, 2021",
                        max_length=200,
                        verbose_name="dates in words",
                    ),
                ),
                ("conference_starts_on", models.DateField(blank=True, null=True, verbose_name="first day")),
                ("conference_ends_on", models.DateField(blank=True, null=True, verbose_name="last day")),
                ("place", recommendations.text.intake.LineField(blank=True, max_length=200, verbose_name="place")),
                (
                    "acknowledgement",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Comes first in the introduction of reports. Names are kept exactly as you type or paste them, with all accents and marks.",
                        max_length=20000,
                        verbose_name="territorial acknowledgement",
                    ),
                ),
                (
                    "introduction",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="How the plan came about. Leave an empty line between paragraphs.",
                        max_length=20000,
                        verbose_name="introduction",
                    ),
                ),
                ("goals", recommendations.text.intake.PassageField(blank=True, max_length=20000, verbose_name="goals")),
                (
                    "language",
                    models.CharField(
                        choices=recommendations.models.plan.languages,
                        default="en-ca",
                        help_text="The language of the plan and of your updates. The site, reports, feeds and data speak it too. Published editions keep the language they were made in.",
                        max_length=35,
                        verbose_name="language",
                    ),
                ),
                (
                    "staff_language",
                    models.CharField(
                        choices=recommendations.models.plan.languages,
                        default="en-ca",
                        help_text="The language of these pages and of reminders. The handbook is in English.",
                        max_length=35,
                        verbose_name="language of the staff's pages",
                    ),
                ),
                (
                    "organisation_name",
                    recommendations.text.intake.LineField(
                        help_text="The name that signs pages, feeds and reports.",
                        max_length=200,
                        verbose_name="organization",
                    ),
                ),
                (
                    "organisation_short_name",
                    recommendations.text.intake.LineField(blank=True, max_length=40, verbose_name="short name"),
                ),
                (
                    "website",
                    recommendations.text.intake.AddressField(blank=True, max_length=500, verbose_name="website"),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True,
                        help_text="Shown on every page. Leave empty to show none.",
                        max_length=254,
                        verbose_name="contact for errors and responses",
                    ),
                ),
                (
                    "care_line",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="At the top of every page, before the link to support: This site talks about suicide. Leave empty for none.",
                        max_length=200,
                        verbose_name="care line",
                    ),
                ),
                (
                    "offers_leave",
                    models.BooleanField(
                        default=True,
                        help_text="A button on every page for readers who must not be seen here. Turn it off only if nobody could be harmed for reading this site.",
                        verbose_name="offer “Leave this site”",
                    ),
                ),
                (
                    "exit_address",
                    recommendations.text.intake.AddressField(
                        default="https://www.wikipedia.org/",
                        help_text="Where “Leave this site” leads: an ordinary site that says nothing about the reader.",
                        max_length=500,
                        verbose_name="leave address",
                    ),
                ),
                (
                    "accent_colour",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Your organization's colour, for links, buttons and the cover of reports: # and six digits, such as #1f4e79. Leave empty for the tracker's own.",
                        max_length=7,
                        validators=[recommendations.text.colours.check_accent],
                        verbose_name="accent colour",
                    ),
                ),
                (
                    "data_licence",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="For example CC BY 4.0. If empty, the site says that there is none.",
                        max_length=200,
                        verbose_name="data licence",
                    ),
                ),
                (
                    "data_licence_address",
                    recommendations.text.intake.AddressField(
                        blank=True, max_length=500, verbose_name="licence address"
                    ),
                ),
                (
                    "may_be_published",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="One a line: phone numbers, e-mail and street addresses, accounts, names. “Please check” leaves them out, as it does your contact, your website and your support links.",
                        max_length=5000,
                        verbose_name="numbers and addresses that may be published",
                    ),
                ),
                (
                    "notes_end_after",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Days after the newest edition for their period: we propose 90. Their words are then erased here, for good, after two weeks' notice on the workspace. Leave empty to keep them.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="notes for colleagues end after",
                    ),
                ),
                (
                    "numbers_areas",
                    models.BooleanField(
                        default=True,
                        help_text="Untick this if the plan's areas have titles but no numbers of their own.",
                        verbose_name="the areas are numbered",
                    ),
                ),
                (
                    "needs_second_reader",
                    models.BooleanField(
                        default=False,
                        help_text="Whoever began an update or changed it last can't mark it ready, nor publish it before a colleague did.",
                        verbose_name="a colleague marks updates ready",
                    ),
                ),
                (
                    "marks_embargo",
                    models.BooleanField(
                        default=False,
                        help_text="Reports then have a field for a day or your own words. It is on previews and drafts to circulate, never on what is published.",
                        verbose_name="drafts show an embargo",
                    ),
                ),
                (
                    "notes_board_approval",
                    models.BooleanField(
                        default=False,
                        help_text="Reports then have a second field beside “Approval”, which readers see below it.",
                        verbose_name="the board approves reports, too",
                    ),
                ),
            ],
            options={
                "verbose_name": "action plan",
                "verbose_name_plural": "action plan",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)),
                        name="action_plan_is_the_only_one",
                        violation_error_message="This tracker already has an action plan. Change that one instead.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("conference_ends_on__gte", models.F("conference_starts_on"))),
                        name="conference_ends_after_it_starts",
                        violation_error_message="The conference can't end before it starts.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("conference_ends_on", None), ("conference_starts_on", None)),
                            models.Q(("conference_ends_on__isnull", False), ("conference_starts_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="conference_has_both_days_or_none",
                        violation_error_message="Give both the first and the last day, or neither.",
                    ),
                    models.CheckConstraint(
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
                ],
            },
        ),
        migrations.CreateModel(
            name="Area",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "title",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Leave it empty only if the plan has no areas: then this is the only one, and readers don't see it.",
                        max_length=200,
                        verbose_name="title",
                    ),
                ),
                (
                    "introduction",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Optional. Shown above the area's recommendations.",
                        max_length=20000,
                        verbose_name="introduction",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        default=1,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="areas",
                        to="recommendations.actionplan",
                    ),
                ),
            ],
            options={
                "verbose_name": "area",
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("number",),
                        name="area_number_is_used_once",
                        violation_error_message="Another area has this number.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__range", (1, 9999))),
                        name="area_number_is_from_1_to_9999",
                        violation_error_message="Areas are numbered from 1 to 9999.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "title",
                    recommendations.text.intake.LineField(
                        help_text="On the cover: One-Year Update", max_length=200, verbose_name="title"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of its address: two-year-update-2021. It can't change after the report is published.",
                        max_length=80,
                        unique=True,
                        verbose_name="address",
                    ),
                ),
                (
                    "introduction",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Comes after the plan's introduction.",
                        max_length=20000,
                        verbose_name="introduction",
                    ),
                ),
                (
                    "closing",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="The back page: how to stay up to date.",
                        max_length=20000,
                        verbose_name="closing words",
                    ),
                ),
                (
                    "approval",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="In your own words, for example: Approved by the Steering Committee on June 12, 2021.",
                        max_length=200,
                        verbose_name="approval",
                    ),
                ),
                (
                    "board_approval",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="In your own words, for example: Approved by the board on June 20, 2021.",
                        max_length=200,
                        verbose_name="approval by the board",
                    ),
                ),
                (
                    "embargo_on",
                    models.DateField(
                        blank=True,
                        help_text="Drafts say so. It stops nothing here.",
                        null=True,
                        verbose_name="not for publication before",
                    ),
                ),
                (
                    "embargo_words",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Instead of the day: Not for publication before the council meets.",
                        max_length=80,
                        verbose_name="or in your own words",
                    ),
                ),
                (
                    "originally_published",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Only for a report first published elsewhere: June 2020",
                        max_length=80,
                        verbose_name="originally published",
                    ),
                ),
                (
                    "status_note",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Shown wherever its statuses appear. Only if they need explaining.",
                        max_length=2000,
                        verbose_name="status note",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        default=1,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="recommendations.actionplan",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="period from")),
                (
                    "ends_on",
                    models.DateField(
                        help_text="The last day it reports on. You can publish from that day on.",
                        verbose_name="period to",
                    ),
                ),
            ],
            options={
                "verbose_name": "report",
                "ordering": ["-ends_on"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="report_period_ends_after_it_starts",
                        violation_error_message="The period can't end before it starts.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("note", recommendations.text.intake.PassageField(blank=True, max_length=2000, verbose_name="note")),
                ("seal", models.CharField(max_length=64, unique=True)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="editions",
                        to="recommendations.report",
                    ),
                ),
                (
                    "previous",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="next",
                        to="recommendations.edition",
                    ),
                ),
                (
                    "compared_with",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="recommendations.edition",
                    ),
                ),
                ("published_at", models.DateTimeField()),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "edition",
                "ordering": ["-published_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("report", "number"), name="edition_number_is_used_once"),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="edition_number_is_at_least_1"),
                    models.CheckConstraint(
                        condition=models.Q(("number", 1), models.Q(("note", ""), _negated=True), _connector="OR"),
                        name="later_edition_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EditionFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        choices=[("snapshot.json", "Snapshot"), ("article.html", "Article"), ("report.pdf", "Pdf")],
                        max_length=20,
                    ),
                ),
                ("content", models.BinaryField(null=True)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="recommendations.edition"
                    ),
                ),
            ],
            options={
                "verbose_name": "file of an edition",
                "verbose_name_plural": "files of editions",
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=("edition", "name"), name="edition_has_each_file_once")],
            },
        ),
        migrations.CreateModel(
            name="ExportMade",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=200)),
                ("format", models.CharField(max_length=10)),
                ("rows", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "export made",
                "verbose_name_plural": "exports made",
                "ordering": ["-made_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="GivenPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="given_password",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("given_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "given password",
                "verbose_name_plural": "given passwords",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalActionPlan",
            fields=[
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                ("id", models.PositiveSmallIntegerField(db_index=True, default=1, editable=False)),
                (
                    "title",
                    recommendations.text.intake.LineField(
                        help_text="Shown at the top of every page. Anything after a colon becomes the second line of the title.",
                        max_length=200,
                        verbose_name="title",
                    ),
                ),
                (
                    "recommendation_name",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="One of them, in small letters: call, commitment. It is in headings, in counts and before references. If empty, it is “recommendation”.",
                        max_length=40,
                        verbose_name="what you call a recommendation",
                    ),
                ),
                (
                    "recommendation_name_plural",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Several of them: calls, commitments.",
                        max_length=40,
                        verbose_name="what you call several",
                    ),
                ),
                (
                    "conference_name",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Where the plan was adopted, as it should be on the report's cover: May 2021 Conference. Leave it empty if there was no conference.",
                        max_length=200,
                        verbose_name="conference",
                    ),
                ),
                (
                    "conference_dates_as_published",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="As published: May 3-4, 2021",
                        max_length=200,
                        verbose_name="dates in words",
                    ),
                ),
                ("conference_starts_on", models.DateField(blank=True, null=True, verbose_name="first day")),
                ("conference_ends_on", models.DateField(blank=True, null=True, verbose_name="last day")),
                ("place", recommendations.text.intake.LineField(blank=True, max_length=200, verbose_name="place")),
                (
                    "acknowledgement",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Comes first in the introduction of reports. Names are kept exactly as you type or paste them, with all accents and marks.",
                        max_length=20000,
                        verbose_name="territorial acknowledgement",
                    ),
                ),
                (
                    "introduction",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="How the plan came about. Leave an empty line between paragraphs.",
                        max_length=20000,
                        verbose_name="introduction",
                    ),
                ),
                ("goals", recommendations.text.intake.PassageField(blank=True, max_length=20000, verbose_name="goals")),
                (
                    "language",
                    models.CharField(
                        choices=recommendations.models.plan.languages,
                        default="en-ca",
                        help_text="The language of the plan and of your updates. The site, reports, feeds and data speak it too. Published editions keep the language they were made in.",
                        max_length=35,
                        verbose_name="language",
                    ),
                ),
                (
                    "staff_language",
                    models.CharField(
                        choices=recommendations.models.plan.languages,
                        default="en-ca",
                        help_text="The language of these pages and of reminders. The handbook is in English.",
                        max_length=35,
                        verbose_name="language of the staff's pages",
                    ),
                ),
                (
                    "organisation_name",
                    recommendations.text.intake.LineField(
                        help_text="The name that signs pages, feeds and reports.",
                        max_length=200,
                        verbose_name="organization",
                    ),
                ),
                (
                    "organisation_short_name",
                    recommendations.text.intake.LineField(blank=True, max_length=40, verbose_name="short name"),
                ),
                (
                    "website",
                    recommendations.text.intake.AddressField(blank=True, max_length=500, verbose_name="website"),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True,
                        help_text="Shown on every page. Leave empty to show none.",
                        max_length=254,
                        verbose_name="contact for errors and responses",
                    ),
                ),
                (
                    "care_line",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="At the top of every page, before the link to support: This site talks about suicide. Leave empty for none.",
                        max_length=200,
                        verbose_name="care line",
                    ),
                ),
                (
                    "offers_leave",
                    models.BooleanField(
                        default=True,
                        help_text="A button on every page for readers who must not be seen here. Turn it off only if nobody could be harmed for reading this site.",
                        verbose_name="offer “Leave this site”",
                    ),
                ),
                (
                    "exit_address",
                    recommendations.text.intake.AddressField(
                        default="https://www.wikipedia.org/",
                        help_text="Where “Leave this site” leads: an ordinary site that says nothing about the reader.",
                        max_length=500,
                        verbose_name="leave address",
                    ),
                ),
                (
                    "accent_colour",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Your organization's colour, for links, buttons and the cover of reports: # and six digits, such as #1f4e79. Leave empty for the tracker's own.",
                        max_length=7,
                        validators=[recommendations.text.colours.check_accent],
                        verbose_name="accent colour",
                    ),
                ),
                (
                    "data_licence",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="For example CC BY 4.0. If empty, the site says that there is none.",
                        max_length=200,
                        verbose_name="data licence",
                    ),
                ),
                (
                    "data_licence_address",
                    recommendations.text.intake.AddressField(
                        blank=True, max_length=500, verbose_name="licence address"
                    ),
                ),
                (
                    "may_be_published",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="One a line: phone numbers, e-mail and street addresses, accounts, names. “Please check” leaves them out, as it does your contact, your website and your support links.",
                        max_length=5000,
                        verbose_name="numbers and addresses that may be published",
                    ),
                ),
                (
                    "notes_end_after",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Days after the newest edition for their period: we propose 90. Their words are then erased here, for good, after two weeks' notice on the workspace. Leave empty to keep them.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="notes for colleagues end after",
                    ),
                ),
                (
                    "numbers_areas",
                    models.BooleanField(
                        default=True,
                        help_text="Untick this if the plan's areas have titles but no numbers of their own.",
                        verbose_name="the areas are numbered",
                    ),
                ),
                (
                    "needs_second_reader",
                    models.BooleanField(
                        default=False,
                        help_text="Whoever began an update or changed it last can't mark it ready, nor publish it before a colleague did.",
                        verbose_name="a colleague marks updates ready",
                    ),
                ),
                (
                    "marks_embargo",
                    models.BooleanField(
                        default=False,
                        help_text="Reports then have a field for a day or your own words. It is on previews and drafts to circulate, never on what is published.",
                        verbose_name="drafts show an embargo",
                    ),
                ),
                (
                    "notes_board_approval",
                    models.BooleanField(
                        default=False,
                        help_text="Reports then have a second field beside “Approval”, which readers see below it.",
                        verbose_name="the board approves reports, too",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical action plan",
                "verbose_name_plural": "historical action plan",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalArea",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "title",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Leave it empty only if the plan has no areas: then this is the only one, and readers don't see it.",
                        max_length=200,
                        verbose_name="title",
                    ),
                ),
                (
                    "introduction",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Optional. Shown above the area's recommendations.",
                        max_length=20000,
                        verbose_name="introduction",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        default=1,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.actionplan",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical area",
                "verbose_name_plural": "historical areas",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPhrase",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                (
                    "text",
                    recommendations.text.intake.LineField(
                        help_text="Exactly as they appear in your texts. Paste them, with all accents and marks.",
                        max_length=200,
                        verbose_name="words",
                    ),
                ),
                (
                    "language",
                    recommendations.text.intake.LineField(
                        help_text="Its BCP 47 tag: hur for Halkomelem, squ for Squamish, fr for French.",
                        max_length=35,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,6}\\Z",
                                "Write a language tag: hur for Halkomelem, squ for Squamish, fr for French.",
                            )
                        ],
                        verbose_name="language",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        default=1,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.actionplan",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical words in another language",
                "verbose_name_plural": "historical words in other languages",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProgressUpdate",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                (
                    "text",
                    recommendations.text.intake.PassageField(
                        help_text="What happened, in plain words. Leave an empty line between paragraphs; start list lines with “- ”.",
                        max_length=20000,
                        verbose_name="text",
                    ),
                ),
                (
                    "dated_as_published",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Shown instead of the date, if you don't know the exact date: June 2020",
                        max_length=80,
                        verbose_name="date in words",
                    ),
                ),
                (
                    "private_note",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="For colleagues: the role of whoever told us, and whether they allow us to say so. Never a name, a phone number or an address: a court can ask for it. It never appears in a report or file.",
                        max_length=20000,
                        verbose_name="private note",
                    ),
                ),
                (
                    "sums_up",
                    models.BooleanField(
                        default=False,
                        help_text="Tick this if the update sums up earlier updates of the report's period: the report then shows this one instead of them. The website keeps them all.",
                        verbose_name="sums up the period",
                    ),
                ),
                (
                    "dated_on",
                    models.DateField(
                        help_text="The day it happened or became known, not the day you write it. Not in the future.",
                        verbose_name="date",
                    ),
                ),
                ("ready_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("published_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.area",
                    ),
                ),
                (
                    "ready_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical progress update",
                "verbose_name_plural": "historical progress updates",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRecommendation",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                (
                    "reference",
                    recommendations.text.intake.LineField(
                        help_text="As adopted: 3.2, 42 or 12(b). It can't change after a report is published, and is never reused.",
                        max_length=40,
                        verbose_name="reference",
                    ),
                ),
                (
                    "slug",
                    recommendations.models.recommendations.SlugField(
                        blank=True, db_index=True, editable=False, max_length=120, verbose_name="address"
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        help_text="Lower numbers come first.", verbose_name="place in its area"
                    ),
                ),
                (
                    "text",
                    recommendations.text.intake.PassageField(
                        help_text="As adopted, word for word.", max_length=4000, verbose_name="text"
                    ),
                ),
                (
                    "target_as_published",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="As published: fall 2020. Shown instead of the date.",
                        max_length=80,
                        verbose_name="target in words",
                    ),
                ),
                (
                    "retired_reason",
                    recommendations.text.intake.PassageField(
                        blank=True, help_text="Shown to the public.", max_length=2000, verbose_name="retired reason"
                    ),
                ),
                (
                    "explanation",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Optional. What it asks for, in everyday words. Readers see it below the text, marked as your explanation and not as what was adopted. It is never part of a citation or a report.",
                        max_length=4000,
                        verbose_name="in plain words",
                    ),
                ),
                (
                    "done_means",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Optional. What must be seen before it may be called completed: “Three shelters are open at night, all year.” Readers see it from the beginning, and beside the status once it is completed.",
                        max_length=2000,
                        verbose_name="done means",
                    ),
                ),
                (
                    "done_means_set_by",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Who decided that, as readers should read it: the steering committee",
                        max_length=200,
                        verbose_name="set by",
                    ),
                ),
                (
                    "added_on",
                    models.DateField(
                        blank=True,
                        help_text="Leave empty if it was part of the plan from the start. Reports for periods before this day leave it out.",
                        null=True,
                        verbose_name="added on",
                    ),
                ),
                (
                    "target_on",
                    models.DateField(
                        blank=True, help_text="Only if the exact day is known.", null=True, verbose_name="target date"
                    ),
                ),
                ("retired_on", models.DateField(blank=True, null=True, verbose_name="retired on")),
                (
                    "done_means_set_on",
                    models.DateField(
                        blank=True, help_text="The day they decided it.", null=True, verbose_name="set on"
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.area",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical recommendation",
                "verbose_name_plural": "historical recommendations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalReport",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                (
                    "title",
                    recommendations.text.intake.LineField(
                        help_text="On the cover: One-Year Update", max_length=200, verbose_name="title"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of its address: two-year-update-2021. It can't change after the report is published.",
                        max_length=80,
                        verbose_name="address",
                    ),
                ),
                (
                    "introduction",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Comes after the plan's introduction.",
                        max_length=20000,
                        verbose_name="introduction",
                    ),
                ),
                (
                    "closing",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="The back page: how to stay up to date.",
                        max_length=20000,
                        verbose_name="closing words",
                    ),
                ),
                (
                    "approval",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="In your own words, for example: Approved by the Steering Committee on June 12, 2021.",
                        max_length=200,
                        verbose_name="approval",
                    ),
                ),
                (
                    "board_approval",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="In your own words, for example: Approved by the board on June 20, 2021.",
                        max_length=200,
                        verbose_name="approval by the board",
                    ),
                ),
                (
                    "embargo_on",
                    models.DateField(
                        blank=True,
                        help_text="Drafts say so. It stops nothing here.",
                        null=True,
                        verbose_name="not for publication before",
                    ),
                ),
                (
                    "embargo_words",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Instead of the day: Not for publication before the council meets.",
                        max_length=80,
                        verbose_name="or in your own words",
                    ),
                ),
                (
                    "originally_published",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Only for a report first published elsewhere: June 2020",
                        max_length=80,
                        verbose_name="originally published",
                    ),
                ),
                (
                    "status_note",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Shown wherever its statuses appear. Only if they need explaining.",
                        max_length=2000,
                        verbose_name="status note",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="period from")),
                (
                    "ends_on",
                    models.DateField(
                        help_text="The last day it reports on. You can publish from that day on.",
                        verbose_name="period to",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        default=1,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.actionplan",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical report",
                "verbose_name_plural": "historical reports",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalResponsibleParty",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                ("name", recommendations.text.intake.LineField(max_length=400, verbose_name="name")),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of its page's address. Don't change it.",
                        max_length=80,
                        verbose_name="address",
                    ),
                ),
                (
                    "is_everyone",
                    models.BooleanField(
                        default=False,
                        help_text="Tick this for the party that stands for everyone together.",
                        verbose_name="everyone",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical responsible party",
                "verbose_name_plural": "historical responsible parties",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalStatusWording",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
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
                        verbose_name="status",
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
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        default=1,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.actionplan",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
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
            name="HistoricalSupportLink",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                ("label", recommendations.text.intake.LineField(max_length=200, verbose_name="label")),
                ("address", recommendations.text.intake.AddressField(max_length=500, verbose_name="address")),
                (
                    "note",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Who it is for, when it is open, what a call costs.",
                        max_length=200,
                        verbose_name="note",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Lower numbers come first.", verbose_name="position"
                    ),
                ),
                (
                    "checked_on",
                    models.DateField(
                        help_text="The day somebody last tried the link. Readers see this date.",
                        verbose_name="checked on",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.actionplan",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical support link",
                "verbose_name_plural": "historical support links",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", recommendations.text.intake.PassageField(max_length=2000, verbose_name="why")),
                (
                    "lifted_reason",
                    recommendations.text.intake.PassageField(
                        blank=True, max_length=2000, verbose_name="why it was lifted"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        default=1,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="legal_holds",
                        to="recommendations.actionplan",
                    ),
                ),
                ("placed_at", models.DateTimeField()),
                (
                    "placed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "legal hold",
                "verbose_name_plural": "legal holds",
                "ordering": ["-placed_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)), fields=("plan",), name="one_legal_hold_is_on"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at", None), ("lifted_by", None), ("lifted_reason", "")),
                            models.Q(
                                ("lifted_at__isnull", False),
                                ("lifted_by__isnull", False),
                                models.Q(("lifted_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="legal_hold_is_lifted_by_somebody_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="legal_hold_says_why"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "address",
                    recommendations.text.intake.AddressField(max_length=500, unique=True, verbose_name="address"),
                ),
                ("answer", recommendations.text.intake.LineField(max_length=20, verbose_name="answer")),
                ("checked_at", models.DateTimeField()),
                ("failed_at", models.DateTimeField(blank=True, null=True)),
                ("gone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "link that is gone",
                "verbose_name_plural": "links that are gone",
                "ordering": ["address"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("gone_at", None),
                            models.Q(("failed_at__isnull", False), ("gone_at__gt", models.F("failed_at"))),
                            _connector="OR",
                        ),
                        name="link_was_missing_before_it_is_gone",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("show", "show the archived copy"),
                            ("hide", "keep the archived copy hidden"),
                            ("there", "the page is there"),
                        ],
                        max_length=5,
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decisions",
                        to="recommendations.linkcheck",
                    ),
                ),
                ("decided_at", models.DateTimeField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "answer about a link that is gone",
                "ordering": ["decided_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("choice__in", ["show", "hide", "there"])), name="link_decision_is_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Logo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "alt",
                    recommendations.text.intake.LineField(
                        help_text="Read aloud, or shown, when people can't see the picture. The organization's name is best.",
                        max_length=200,
                        verbose_name="alternate text",
                    ),
                ),
                (
                    "whose",
                    models.CharField(
                        choices=[("organisation", "your organization"), ("funder", "a funder")],
                        default="funder",
                        help_text="Your organization's logo is at the bottom of every page and on the cover of reports; funders' logos are on the page about this site and at the end of reports.",
                        max_length=12,
                        verbose_name="it belongs to",
                    ),
                ),
                (
                    "address",
                    recommendations.text.intake.AddressField(
                        blank=True,
                        help_text="Where the logo links to. Leave empty for none.",
                        max_length=500,
                        verbose_name="web address",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Lower numbers come first.", verbose_name="position"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        default=1,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="logos",
                        to="recommendations.actionplan",
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="logos",
                        to="recommendations.logoimage",
                        verbose_name="picture",
                    ),
                ),
            ],
            options={
                "verbose_name": "logo",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("whose", "organisation")),
                        fields=("plan",),
                        name="organisation_has_one_logo",
                        violation_error_message="Your organization can have only one logo. Choose “a funder” for the others.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("whose__in", ["organisation", "funder"])), name="logo_owner_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("alt", ""), _negated=True), name="logo_has_alternate_text"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalLogo",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                (
                    "alt",
                    recommendations.text.intake.LineField(
                        help_text="Read aloud, or shown, when people can't see the picture. The organization's name is best.",
                        max_length=200,
                        verbose_name="alternate text",
                    ),
                ),
                (
                    "whose",
                    models.CharField(
                        choices=[("organisation", "your organization"), ("funder", "a funder")],
                        default="funder",
                        help_text="Your organization's logo is at the bottom of every page and on the cover of reports; funders' logos are on the page about this site and at the end of reports.",
                        max_length=12,
                        verbose_name="it belongs to",
                    ),
                ),
                (
                    "address",
                    recommendations.text.intake.AddressField(
                        blank=True,
                        help_text="Where the logo links to. Leave empty for none.",
                        max_length=500,
                        verbose_name="web address",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Lower numbers come first.", verbose_name="position"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        default=1,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.actionplan",
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.logoimage",
                        verbose_name="picture",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical logo",
                "verbose_name_plural": "historical logos",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="EditionLogo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="logos", to="recommendations.edition"
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="recommendations.logoimage"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("edition", "image"), name="edition_shows_each_picture_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PasswordResetSent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("sent_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "password reset sent",
                "verbose_name_plural": "password resets sent",
                "ordering": ["-sent_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Phrase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "text",
                    recommendations.text.intake.LineField(
                        help_text="Exactly as they appear in your texts. Paste them, with all accents and marks.",
                        max_length=200,
                        verbose_name="words",
                    ),
                ),
                (
                    "language",
                    recommendations.text.intake.LineField(
                        help_text="Its BCP 47 tag: hur for Halkomelem, squ for Squamish, fr for French.",
                        max_length=35,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,6}\\Z",
                                "Write a language tag: hur for Halkomelem, squ for Squamish, fr for French.",
                            )
                        ],
                        verbose_name="language",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        default=1,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phrases",
                        to="recommendations.actionplan",
                    ),
                ),
            ],
            options={
                "verbose_name": "words in another language",
                "verbose_name_plural": "words in other languages",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "text"),
                        name="phrase_is_listed_once",
                        violation_error_message="These words are already listed.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text", ""), _negated=True), models.Q(("language", ""), _negated=True)
                        ),
                        name="phrase_has_words_and_language",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgressUpdate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "text",
                    recommendations.text.intake.PassageField(
                        help_text="What happened, in plain words. Leave an empty line between paragraphs; start list lines with “- ”.",
                        max_length=20000,
                        verbose_name="text",
                    ),
                ),
                (
                    "dated_as_published",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Shown instead of the date, if you don't know the exact date: June 2020",
                        max_length=80,
                        verbose_name="date in words",
                    ),
                ),
                (
                    "private_note",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="For colleagues: the role of whoever told us, and whether they allow us to say so. Never a name, a phone number or an address: a court can ask for it. It never appears in a report or file.",
                        max_length=20000,
                        verbose_name="private note",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="updates", to="recommendations.area"
                    ),
                ),
                (
                    "sums_up",
                    models.BooleanField(
                        default=False,
                        help_text="Tick this if the update sums up earlier updates of the report's period: the report then shows this one instead of them. The website keeps them all.",
                        verbose_name="sums up the period",
                    ),
                ),
                (
                    "dated_on",
                    models.DateField(
                        help_text="The day it happened or became known, not the day you write it. Not in the future.",
                        verbose_name="date",
                    ),
                ),
                ("ready_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "ready_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "progress update",
                "ordering": ["-dated_on", "-published_at", "-id"],
                "permissions": [
                    ("publish_progressupdate", "Can publish progress updates"),
                    ("erase_note_progressupdate", "Can erase notes for colleagues"),
                ],
                "verbose_name_plural": "progress updates",
                "indexes": [models.Index(fields=["dated_on", "published_at", "id"], name="update_in_order")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ready_at", None), ("ready_by", None)),
                            models.Q(("ready_at__isnull", False), ("ready_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="update_ready_by_somebody_at_some_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at", None), ("published_by", None)),
                            models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="update_published_by_somebody_at_some_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="update_withdrawn_by_somebody_at_some_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("published_at", None), ("ready_at__isnull", False), _connector="OR"),
                        name="update_is_ready_before_it_is_published",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("withdrawn_at", None), ("published_at__isnull", False), _connector="OR"),
                        name="update_is_published_before_it_is_withdrawn",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoteEnding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "update",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="note_ending",
                        to="recommendations.progressupdate",
                    ),
                ),
                ("ends_on", models.DateField()),
            ],
            options={
                "verbose_name": "end of a note",
                "verbose_name_plural": "ends of notes",
                "ordering": ["ends_on", "update_id"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalTakeDown",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                (
                    "reason",
                    recommendations.text.intake.PassageField(
                        help_text="Public. Say why, but nothing that must stay private.",
                        max_length=2000,
                        verbose_name="reason",
                    ),
                ),
                ("taken_down_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
                (
                    "update",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.progressupdate",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.edition",
                    ),
                ),
                (
                    "taken_down_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "erased_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical take-down",
                "verbose_name_plural": "historical take-downs",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalEvidenceLink",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                (
                    "label",
                    recommendations.text.intake.LineField(
                        help_text="What readers will find there.", max_length=200, verbose_name="label"
                    ),
                ),
                ("address", recommendations.text.intake.AddressField(max_length=500, verbose_name="address")),
                (
                    "archived_address",
                    recommendations.text.intake.AddressField(
                        blank=True,
                        help_text="The address of a copy that lasts, such as one in the Internet Archive (web.archive.org). Leave empty for none.",
                        max_length=500,
                        verbose_name="archived copy",
                    ),
                ),
                (
                    "update",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.progressupdate",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical evidence link",
                "verbose_name_plural": "historical evidence links",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="EvidenceLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "label",
                    recommendations.text.intake.LineField(
                        help_text="What readers will find there.", max_length=200, verbose_name="label"
                    ),
                ),
                ("address", recommendations.text.intake.AddressField(max_length=500, verbose_name="address")),
                (
                    "archived_address",
                    recommendations.text.intake.AddressField(
                        blank=True,
                        help_text="The address of a copy that lasts, such as one in the Internet Archive (web.archive.org). Leave empty for none.",
                        max_length=500,
                        verbose_name="archived copy",
                    ),
                ),
                (
                    "update",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence_links",
                        to="recommendations.progressupdate",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence link",
                "ordering": ["id"],
                "verbose_name_plural": "evidence links",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("update", "address"),
                        name="update_cites_an_address_once",
                        violation_error_message="The update already has this address.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("archived_address", ""),
                            models.Q(("archived_address", models.F("address")), _negated=True),
                            _connector="OR",
                        ),
                        name="archived_copy_is_elsewhere",
                        violation_error_message="The archived copy must have another address than the page itself.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EditionUpdate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="recommendations.edition"
                    ),
                ),
                (
                    "update",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="recommendations.progressupdate",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("edition", "update"), name="edition_holds_each_update_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Recommendation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    recommendations.text.intake.LineField(
                        help_text="As adopted: 3.2, 42 or 12(b). It can't change after a report is published, and is never reused.",
                        max_length=40,
                        verbose_name="reference",
                    ),
                ),
                (
                    "slug",
                    recommendations.models.recommendations.SlugField(
                        blank=True, editable=False, max_length=120, unique=True, verbose_name="address"
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        help_text="Lower numbers come first.", verbose_name="place in its area"
                    ),
                ),
                (
                    "text",
                    recommendations.text.intake.PassageField(
                        help_text="As adopted, word for word.", max_length=4000, verbose_name="text"
                    ),
                ),
                (
                    "target_as_published",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="As published: fall 2020. Shown instead of the date.",
                        max_length=80,
                        verbose_name="target in words",
                    ),
                ),
                (
                    "retired_reason",
                    recommendations.text.intake.PassageField(
                        blank=True, help_text="Shown to the public.", max_length=2000, verbose_name="retired reason"
                    ),
                ),
                (
                    "explanation",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Optional. What it asks for, in everyday words. Readers see it below the text, marked as your explanation and not as what was adopted. It is never part of a citation or a report.",
                        max_length=4000,
                        verbose_name="in plain words",
                    ),
                ),
                (
                    "done_means",
                    recommendations.text.intake.PassageField(
                        blank=True,
                        help_text="Optional. What must be seen before it may be called completed: “Three shelters are open at night, all year.” Readers see it from the beginning, and beside the status once it is completed.",
                        max_length=2000,
                        verbose_name="done means",
                    ),
                ),
                (
                    "done_means_set_by",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Who decided that, as readers should read it: the steering committee",
                        max_length=200,
                        verbose_name="set by",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recommendations",
                        to="recommendations.area",
                    ),
                ),
                (
                    "added_on",
                    models.DateField(
                        blank=True,
                        help_text="Leave empty if it was part of the plan from the start. Reports for periods before this day leave it out.",
                        null=True,
                        verbose_name="added on",
                    ),
                ),
                (
                    "target_on",
                    models.DateField(
                        blank=True, help_text="Only if the exact day is known.", null=True, verbose_name="target date"
                    ),
                ),
                ("retired_on", models.DateField(blank=True, null=True, verbose_name="retired on")),
                (
                    "done_means_set_on",
                    models.DateField(
                        blank=True, help_text="The day they decided it.", null=True, verbose_name="set on"
                    ),
                ),
                (
                    "replaced_by",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The ones that replace it.",
                        related_name="replaces",
                        to="recommendations.recommendation",
                    ),
                ),
            ],
            options={
                "verbose_name": "recommendation",
                "ordering": ["area__number", "position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_on", None), ("retired_reason", "")),
                            models.Q(("retired_on__isnull", False), models.Q(("retired_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="recommendation_retires_with_a_reason",
                        violation_error_message="Give both a retirement date and a reason, or neither.",
                    ),
                    models.UniqueConstraint(
                        fields=("reference",),
                        name="recommendation_reference_is_used_once",
                        violation_error_message="Another recommendation has this reference.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reference", ""), _negated=True), models.Q(("slug", ""), _negated=True)
                        ),
                        name="recommendation_has_a_reference",
                        violation_error_message="A reference has at least one letter or digit.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_means", ""), ("done_means_set_by", ""), ("done_means_set_on", None)),
                            models.Q(
                                models.Q(("done_means", ""), _negated=True),
                                models.Q(("done_means_set_by", ""), _negated=True),
                                ("done_means_set_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="done_means_is_set_by_somebody_on_a_day",
                        violation_error_message="Say what “done” means, who decided it and on which day, or none of these.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not started", "Not started"),
                            ("planned", "Planned"),
                            ("in progress", "In progress"),
                            ("ongoing", "Ongoing"),
                            ("on hold", "On hold"),
                            ("completed", "Completed"),
                            ("for others to act on", "For others to act on"),
                        ],
                        help_text="Can stay empty in a draft; required to publish.",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "update",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assessments",
                        to="recommendations.progressupdate",
                    ),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="recommendations.recommendation",
                    ),
                ),
            ],
            options={
                "verbose_name": "recommendation covered",
                "verbose_name_plural": "recommendations covered, and where each stands",
                "ordering": ["recommendation__area__number", "recommendation__position", "recommendation__id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("update", "recommendation"),
                        name="update_assesses_a_recommendation_once",
                        violation_error_message="The update already covers this recommendation.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "",
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
                        name="assessment_status_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalTerm",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                (
                    "word",
                    recommendations.text.intake.LineField(
                        help_text="The word or phrase to look for, with its endings: exiting, exits, exited.",
                        max_length=80,
                        verbose_name="word",
                    ),
                ),
                (
                    "inflections",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Other words to look for, separated by commas, with their endings: exit program, leave the trade",
                        max_length=200,
                        verbose_name="inflections",
                    ),
                ),
                (
                    "instead",
                    recommendations.text.intake.LineField(
                        help_text="What to say instead, in the plan's own words.",
                        max_length=200,
                        verbose_name="instead",
                    ),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The recommendation that says so.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.recommendation",
                        verbose_name="recommendation",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical term to avoid",
                "verbose_name_plural": "historical terms to avoid",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRecommendationLink",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sign language", "In sign language"),
                            ("audio", "As audio"),
                            ("easy read", "In Easy Read"),
                            ("other form", "In another form"),
                            ("related", "See also: a related recommendation elsewhere"),
                        ],
                        help_text="The explanation in plain words in another form, or an official page about something related.",
                        max_length=20,
                        verbose_name="what it is",
                    ),
                ),
                (
                    "label",
                    recommendations.text.intake.LineField(
                        help_text="What readers see, with the language and the length if it helps: “ASL, 4 minutes”. For a related recommendation, what it is called there: “Call to Action 42”.",
                        max_length=200,
                        verbose_name="label",
                    ),
                ),
                (
                    "address",
                    recommendations.text.intake.AddressField(
                        help_text="For a related recommendation, its page on the official site of those who made it.",
                        max_length=500,
                        verbose_name="address",
                    ),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.recommendation",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical link beside it",
                "verbose_name_plural": "historical links beside it",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRecommendation_replaced_by",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "from_recommendation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.recommendation",
                    ),
                ),
                (
                    "to_recommendation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.recommendation",
                    ),
                ),
                (
                    "history",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="recommendations.historicalrecommendation",
                    ),
                ),
                ("m2m_history_id", models.AutoField(primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "HistoricalRecommendation_replaced_by",
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalAssessment",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not started", "Not started"),
                            ("planned", "Planned"),
                            ("in progress", "In progress"),
                            ("ongoing", "Ongoing"),
                            ("on hold", "On hold"),
                            ("completed", "Completed"),
                            ("for others to act on", "For others to act on"),
                        ],
                        help_text="Can stay empty in a draft; required to publish.",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "update",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.progressupdate",
                    ),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.recommendation",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical recommendation covered",
                "verbose_name_plural": "historical recommendations covered, and where each stands",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="RecommendationLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sign language", "In sign language"),
                            ("audio", "As audio"),
                            ("easy read", "In Easy Read"),
                            ("other form", "In another form"),
                            ("related", "See also: a related recommendation elsewhere"),
                        ],
                        help_text="The explanation in plain words in another form, or an official page about something related.",
                        max_length=20,
                        verbose_name="what it is",
                    ),
                ),
                (
                    "label",
                    recommendations.text.intake.LineField(
                        help_text="What readers see, with the language and the length if it helps: “ASL, 4 minutes”. For a related recommendation, what it is called there: “Call to Action 42”.",
                        max_length=200,
                        verbose_name="label",
                    ),
                ),
                (
                    "address",
                    recommendations.text.intake.AddressField(
                        help_text="For a related recommendation, its page on the official site of those who made it.",
                        max_length=500,
                        verbose_name="address",
                    ),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="recommendations.recommendation",
                    ),
                ),
            ],
            options={
                "verbose_name": "link beside it",
                "verbose_name_plural": "links beside it",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("recommendation", "address"),
                        name="recommendation_links_to_an_address_once",
                        violation_error_message="The recommendation already has this address.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["sign language", "audio", "easy read", "other form", "related"])
                        ),
                        name="recommendation_link_is_of_a_known_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="publications",
                        to="recommendations.report",
                    ),
                ),
                ("began_at", models.DateTimeField()),
                (
                    "begun_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "publication under way",
                "verbose_name_plural": "publications under way",
                "ordering": ["began_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalReportSection",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
                (
                    "save_act",
                    models.CharField(
                        blank=True, default=recommendations.models.saves.current_act, editable=False, max_length=30
                    ),
                ),
                ("heading", recommendations.text.intake.LineField(max_length=200, verbose_name="heading")),
                ("body", recommendations.text.intake.PassageField(max_length=20000, verbose_name="body")),
                (
                    "placement",
                    models.CharField(
                        choices=[("before", "before the areas"), ("after", "after the areas")],
                        default="after",
                        max_length=6,
                        verbose_name="placement",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Lower numbers come first.", verbose_name="position"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.report",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical section",
                "verbose_name_plural": "historical sections",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="FindingAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("words", recommendations.text.intake.PassageField(blank=True, max_length=20000)),
                (
                    "basis",
                    models.CharField(
                        max_length=64, validators=[django.core.validators.RegexValidator("\\A[0-9a-f]{64}\\Z")]
                    ),
                ),
                ("message", recommendations.text.intake.PassageField(max_length=20000)),
                ("reason", recommendations.text.intake.PassageField(max_length=2000)),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="finding_answers",
                        to="recommendations.actionplan",
                    ),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="finding_answers",
                        to="recommendations.recommendation",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="finding_answers",
                        to="recommendations.report",
                    ),
                ),
                (
                    "update",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="finding_answers",
                        to="recommendations.progressupdate",
                    ),
                ),
                ("answered_at", models.DateTimeField()),
                (
                    "answered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "answer to a finding",
                "verbose_name_plural": "answers to findings",
                "ordering": ["answered_at", "id"],
                "indexes": [models.Index(fields=["basis"], name="finding_answer_by_basis")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("plan__isnull", True),
                                ("recommendation__isnull", True),
                                ("report__isnull", True),
                                ("update__isnull", False),
                            ),
                            models.Q(
                                ("plan__isnull", True),
                                ("recommendation__isnull", True),
                                ("report__isnull", False),
                                ("update__isnull", True),
                            ),
                            models.Q(
                                ("plan__isnull", True),
                                ("recommendation__isnull", False),
                                ("report__isnull", True),
                                ("update__isnull", True),
                            ),
                            models.Q(
                                ("plan__isnull", False),
                                ("recommendation__isnull", True),
                                ("report__isnull", True),
                                ("update__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="finding_answer_is_kept_with_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="finding_answer_has_a_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportSection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("heading", recommendations.text.intake.LineField(max_length=200, verbose_name="heading")),
                ("body", recommendations.text.intake.PassageField(max_length=20000, verbose_name="body")),
                (
                    "placement",
                    models.CharField(
                        choices=[("before", "before the areas"), ("after", "after the areas")],
                        default="after",
                        max_length=6,
                        verbose_name="placement",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Lower numbers come first.", verbose_name="position"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="recommendations.report",
                    ),
                ),
            ],
            options={
                "verbose_name": "section",
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("placement__in", ["before", "after"])), name="section_placement_is_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ResponsibleParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", recommendations.text.intake.LineField(max_length=400, verbose_name="name")),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of its page's address. Don't change it.",
                        max_length=80,
                        unique=True,
                        verbose_name="address",
                    ),
                ),
                (
                    "is_everyone",
                    models.BooleanField(
                        default=False,
                        help_text="Tick this for the party that stands for everyone together.",
                        verbose_name="everyone",
                    ),
                ),
            ],
            options={
                "verbose_name": "responsible party",
                "verbose_name_plural": "responsible parties",
                "ordering": ["is_everyone", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name",),
                        name="party_name_is_used_once",
                        violation_error_message="Another responsible party has this name.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_everyone", True)),
                        fields=("is_everyone",),
                        name="one_party_is_everyone",
                        violation_error_message="Another responsible party already stands for everyone.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalRecommendation_parties",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "recommendation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.recommendation",
                    ),
                ),
                (
                    "responsibleparty",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="recommendations.responsibleparty",
                    ),
                ),
                (
                    "history",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="recommendations.historicalrecommendation",
                    ),
                ),
                ("m2m_history_id", models.AutoField(primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "HistoricalRecommendation_parties",
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", recommendations.text.intake.PassageField(blank=True, max_length=2000, verbose_name="note")),
                ("is_minor", models.BooleanField(default=False)),
                ("before", models.JSONField(blank=True, null=True)),
                ("after", models.JSONField(blank=True, null=True)),
                ("is_withdrawal", models.BooleanField(default=False)),
                (
                    "update",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="recommendations.progressupdate",
                    ),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="recommendations.recommendation",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="recommendations.area",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="recommendations.responsibleparty",
                    ),
                ),
                ("corrected_at", models.DateTimeField()),
                (
                    "corrected_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "correction",
                "ordering": ["-corrected_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_withdrawal", False),
                            models.Q(("after__isnull", True), ("is_minor", False)),
                            _connector="OR",
                        ),
                        name="withdrawal_is_never_minor",
                    ),
                    models.CheckConstraint(
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
                    models.CheckConstraint(
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
                ],
            },
        ),
        migrations.CreateModel(
            name="SecondFactorReset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", recommendations.text.intake.LineField(max_length=500)),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="second_factor_reset",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "reset of a second factor",
                "verbose_name_plural": "resets of second factors",
                "ordering": ["asked_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("asked_by", models.F("account")), _negated=True),
                        name="second_factor_reset_is_asked_for_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at", None), ("confirmed_by", None)),
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                                models.Q(("confirmed_by", models.F("account")), _negated=True),
                                models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="second_factor_reset_is_confirmed_by_another_administrator",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SetAside",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "update",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="set_asides",
                        to="recommendations.progressupdate",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="set_asides",
                        to="recommendations.edition",
                    ),
                ),
                ("set_aside_at", models.DateTimeField()),
                (
                    "set_aside_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "set aside",
                "ordering": ["set_aside_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("edition__isnull", False), ("update", None)),
                            models.Q(("edition", None), ("update__isnull", False)),
                            _connector="OR",
                        ),
                        name="set_aside_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_by", None)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="set_aside_ended_by_somebody_at_some_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("update",),
                        name="update_is_set_aside_once_at_a_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("edition",),
                        name="edition_is_set_aside_once_at_a_time",
                    ),
                ],
            },
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
                        verbose_name="status",
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
                (
                    "plan",
                    models.ForeignKey(
                        default=1,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="status_wordings",
                        to="recommendations.actionplan",
                    ),
                ),
            ],
            options={
                "verbose_name": "status",
                "verbose_name_plural": "statuses",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "status"),
                        name="status_is_worded_once",
                        violation_error_message="This status is already listed.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("label", ""), _negated=True),
                        fields=("plan", "label"),
                        name="status_label_is_used_once",
                        violation_error_message="Another status is called this.",
                    ),
                    models.CheckConstraint(
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
                ],
            },
        ),
        migrations.CreateModel(
            name="SupportLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", recommendations.text.intake.LineField(max_length=200, verbose_name="label")),
                ("address", recommendations.text.intake.AddressField(max_length=500, verbose_name="address")),
                (
                    "note",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Who it is for, when it is open, what a call costs.",
                        max_length=200,
                        verbose_name="note",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Lower numbers come first.", verbose_name="position"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="support_links",
                        to="recommendations.actionplan",
                    ),
                ),
                (
                    "checked_on",
                    models.DateField(
                        help_text="The day somebody last tried the link. Readers see this date.",
                        verbose_name="checked on",
                    ),
                ),
            ],
            options={
                "verbose_name": "support link",
                "ordering": ["position", "id"],
                "verbose_name_plural": "support links",
            },
        ),
        migrations.CreateModel(
            name="TakeDown",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    recommendations.text.intake.PassageField(
                        help_text="Public. Say why, but nothing that must stay private.",
                        max_length=2000,
                        verbose_name="reason",
                    ),
                ),
                (
                    "update",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="take_down",
                        to="recommendations.progressupdate",
                    ),
                ),
                (
                    "edition",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="take_down",
                        to="recommendations.edition",
                    ),
                ),
                ("taken_down_at", models.DateTimeField()),
                (
                    "taken_down_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
                (
                    "erased_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "take-down",
                "ordering": ["-taken_down_at", "-id"],
                "verbose_name_plural": "take-downs",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("edition__isnull", False), ("update", None)),
                            models.Q(("edition", None), ("update__isnull", False)),
                            _connector="OR",
                        ),
                        name="take_down_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("erased_at", None), ("erased_by", None)),
                            models.Q(("erased_at__isnull", False), ("erased_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="take_down_erased_by_somebody_at_some_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="take_down_says_why"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "word",
                    recommendations.text.intake.LineField(
                        help_text="The word or phrase to look for, with its endings: exiting, exits, exited.",
                        max_length=80,
                        verbose_name="word",
                    ),
                ),
                (
                    "inflections",
                    recommendations.text.intake.LineField(
                        blank=True,
                        help_text="Other words to look for, separated by commas, with their endings: exit program, leave the trade",
                        max_length=200,
                        verbose_name="inflections",
                    ),
                ),
                (
                    "instead",
                    recommendations.text.intake.LineField(
                        help_text="What to say instead, in the plan's own words.",
                        max_length=200,
                        verbose_name="instead",
                    ),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        help_text="The recommendation that says so.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms",
                        to="recommendations.recommendation",
                        verbose_name="recommendation",
                    ),
                ),
            ],
            options={
                "verbose_name": "term to avoid",
                "verbose_name_plural": "terms to avoid",
                "ordering": ["word"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("word",),
                        name="term_is_listed_once",
                        violation_error_message="This word is already on the list.",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="edition",
            name="updates",
            field=models.ManyToManyField(
                related_name="editions", through="recommendations.EditionUpdate", to="recommendations.progressupdate"
            ),
        ),
        migrations.AddField(
            model_name="progressupdate",
            name="recommendations",
            field=models.ManyToManyField(
                related_name="updates", through="recommendations.Assessment", to="recommendations.recommendation"
            ),
        ),
        migrations.AddField(
            model_name="recommendation",
            name="parties",
            field=models.ManyToManyField(
                blank=True,
                help_text="Who it is addressed to, if it says so.",
                related_name="recommendations",
                to="recommendations.responsibleparty",
                verbose_name="responsible parties",
            ),
        ),
    ]
