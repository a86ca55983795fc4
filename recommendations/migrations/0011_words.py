"""Labels, help texts and messages in plain English. Nothing in the database changes."""

import django.core.validators
import recommendations.text.intake
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0010_what_editions_hold"),
    ]

    operations = [
        migrations.AlterField(
            model_name="actionplan",
            name="acknowledgement",
            field=recommendations.text.intake.PassageField(
                blank=True,
                help_text="Comes first on the page about the conference. Names are kept exactly as you type or paste them, with all accents and marks.",
                max_length=20000,
                verbose_name="territorial acknowledgement",
            ),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="conference_name",
            field=recommendations.text.intake.LineField(
                help_text="As it is on the report's cover: May 2019 Conference",
                max_length=200,
                verbose_name="conference",
            ),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="data_licence",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="For example CC BY 4.0. If empty, the site says that there is none.",
                max_length=200,
                verbose_name="data licence",
            ),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="data_licence_address",
            field=recommendations.text.intake.AddressField(blank=True, max_length=500, verbose_name="licence address"),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="exit_address",
            field=recommendations.text.intake.AddressField(
                default="https://weather.gc.ca/",
                help_text="Where “Leave this site” leads: an ordinary site that says nothing about the reader.",
                max_length=500,
                verbose_name="leave address",
            ),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="organisation_name",
            field=recommendations.text.intake.LineField(
                help_text="The name that signs pages, feeds and reports.", max_length=200, verbose_name="organization"
            ),
        ),
        migrations.AlterField(
            model_name="actionplan",
            name="title",
            field=recommendations.text.intake.LineField(
                help_text="Shown at the top of every page. Anything after a colon becomes the second line of the title.",
                max_length=200,
            ),
        ),
        migrations.AlterField(
            model_name="assessment",
            name="status",
            field=models.CharField(
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
            ),
        ),
        migrations.AlterField(
            model_name="evidencelink",
            name="label",
            field=recommendations.text.intake.LineField(help_text="What readers will find there.", max_length=200),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="acknowledgement",
            field=recommendations.text.intake.PassageField(
                blank=True,
                help_text="Comes first on the page about the conference. Names are kept exactly as you type or paste them, with all accents and marks.",
                max_length=20000,
                verbose_name="territorial acknowledgement",
            ),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="conference_name",
            field=recommendations.text.intake.LineField(
                help_text="As it is on the report's cover: May 2019 Conference",
                max_length=200,
                verbose_name="conference",
            ),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="data_licence",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="For example CC BY 4.0. If empty, the site says that there is none.",
                max_length=200,
                verbose_name="data licence",
            ),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="data_licence_address",
            field=recommendations.text.intake.AddressField(blank=True, max_length=500, verbose_name="licence address"),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="exit_address",
            field=recommendations.text.intake.AddressField(
                default="https://weather.gc.ca/",
                help_text="Where “Leave this site” leads: an ordinary site that says nothing about the reader.",
                max_length=500,
                verbose_name="leave address",
            ),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="organisation_name",
            field=recommendations.text.intake.LineField(
                help_text="The name that signs pages, feeds and reports.", max_length=200, verbose_name="organization"
            ),
        ),
        migrations.AlterField(
            model_name="historicalactionplan",
            name="title",
            field=recommendations.text.intake.LineField(
                help_text="Shown at the top of every page. Anything after a colon becomes the second line of the title.",
                max_length=200,
            ),
        ),
        migrations.AlterField(
            model_name="historicalassessment",
            name="status",
            field=models.CharField(
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
            ),
        ),
        migrations.AlterField(
            model_name="historicalevidencelink",
            name="label",
            field=recommendations.text.intake.LineField(help_text="What readers will find there.", max_length=200),
        ),
        migrations.AlterField(
            model_name="historicallogo",
            name="address",
            field=recommendations.text.intake.AddressField(
                blank=True,
                help_text="Where the logo links to. Leave empty for none.",
                max_length=500,
                verbose_name="web address",
            ),
        ),
        migrations.AlterField(
            model_name="historicallogo",
            name="alt",
            field=recommendations.text.intake.LineField(
                help_text="Read aloud, or shown, when people can't see the picture. The name is best: City of Vancouver",
                max_length=200,
                verbose_name="alternate text",
            ),
        ),
        migrations.AlterField(
            model_name="historicallogo",
            name="position",
            field=models.PositiveSmallIntegerField(default=0, help_text="Lower numbers come first."),
        ),
        migrations.AlterField(
            model_name="historicallogo",
            name="whose",
            field=models.CharField(
                choices=[("organisation", "your organization"), ("funder", "a funder")],
                default="funder",
                help_text="Your organization's logo is at the bottom of every page and on the cover of reports; funders' logos are on the page about this site and at the end of reports.",
                max_length=12,
                verbose_name="it belongs to",
            ),
        ),
        migrations.AlterField(
            model_name="historicalphrase",
            name="language",
            field=recommendations.text.intake.LineField(
                help_text="Its BCP 47 tag: hur for Halkomelem, squ for Squamish, fr for French.",
                max_length=35,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,6}\\Z",
                        "Write a language tag: hur for Halkomelem, squ for Squamish, fr for French.",
                    )
                ],
            ),
        ),
        migrations.AlterField(
            model_name="historicalphrase",
            name="text",
            field=recommendations.text.intake.LineField(
                help_text="Exactly as they appear in your texts. Paste them, with all accents and marks.",
                max_length=200,
                verbose_name="words",
            ),
        ),
        migrations.AlterField(
            model_name="historicalprogressupdate",
            name="dated_as_published",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="Shown instead of the date, if you don't know the exact date: June 2020",
                max_length=80,
                verbose_name="date in words",
            ),
        ),
        migrations.AlterField(
            model_name="historicalprogressupdate",
            name="dated_on",
            field=models.DateField(
                help_text="The day it happened or became known, not the day you write it. Not in the future.",
                verbose_name="date",
            ),
        ),
        migrations.AlterField(
            model_name="historicalprogressupdate",
            name="private_note",
            field=recommendations.text.intake.PassageField(
                blank=True,
                help_text="For colleagues: who told us, and whether we may say so. It never leaves these pages and never appears in a report or file.",
                max_length=20000,
            ),
        ),
        migrations.AlterField(
            model_name="historicalprogressupdate",
            name="sums_up",
            field=models.BooleanField(
                default=False,
                help_text="Tick this if the update sums up earlier updates of the report's period: the report then shows this one instead of them. The website keeps them all.",
                verbose_name="sums up the period",
            ),
        ),
        migrations.AlterField(
            model_name="historicalrecommendation",
            name="added_on",
            field=models.DateField(
                blank=True,
                help_text="Leave empty if it was part of the plan from the start. Reports for periods before this day leave it out.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="historicalrecommendation",
            name="number",
            field=models.PositiveSmallIntegerField(
                help_text="The 2 in 3.2. It can't change after a report is published, and is never reused."
            ),
        ),
        migrations.AlterField(
            model_name="historicalrecommendation",
            name="target_on",
            field=models.DateField(
                blank=True, help_text="Only if the exact day is known.", null=True, verbose_name="target date"
            ),
        ),
        migrations.AlterField(
            model_name="historicalreport",
            name="ends_on",
            field=models.DateField(
                help_text="The last day it reports on. You can publish from that day on.", verbose_name="period to"
            ),
        ),
        migrations.AlterField(
            model_name="historicalreport",
            name="introduction",
            field=recommendations.text.intake.PassageField(
                blank=True, help_text="Comes after the text about the conference.", max_length=20000
            ),
        ),
        migrations.AlterField(
            model_name="historicalreport",
            name="originally_published",
            field=recommendations.text.intake.LineField(
                blank=True, help_text="Only for a report first published elsewhere: June 2020", max_length=80
            ),
        ),
        migrations.AlterField(
            model_name="historicalreport",
            name="slug",
            field=models.SlugField(
                help_text="The last part of its address: two-year-update-2021. It can't change after the report is published.",
                max_length=80,
                verbose_name="address",
            ),
        ),
        migrations.AlterField(
            model_name="historicalreport",
            name="status_note",
            field=recommendations.text.intake.PassageField(
                blank=True,
                help_text="Shown wherever its statuses appear. Only if they need explaining.",
                max_length=2000,
            ),
        ),
        migrations.AlterField(
            model_name="historicalreportsection",
            name="position",
            field=models.PositiveSmallIntegerField(default=0, help_text="Lower numbers come first."),
        ),
        migrations.AlterField(
            model_name="historicalresponsibleparty",
            name="is_everyone",
            field=models.BooleanField(
                default=False,
                help_text="Tick this for the party that stands for everyone together.",
                verbose_name="everyone",
            ),
        ),
        migrations.AlterField(
            model_name="historicalsupportlink",
            name="position",
            field=models.PositiveSmallIntegerField(default=0, help_text="Lower numbers come first."),
        ),
        migrations.AlterField(
            model_name="historicaltakedown",
            name="reason",
            field=recommendations.text.intake.PassageField(
                help_text="Public. Say why, but nothing that must stay private.", max_length=2000
            ),
        ),
        migrations.AlterField(
            model_name="logo",
            name="address",
            field=recommendations.text.intake.AddressField(
                blank=True,
                help_text="Where the logo links to. Leave empty for none.",
                max_length=500,
                verbose_name="web address",
            ),
        ),
        migrations.AlterField(
            model_name="logo",
            name="alt",
            field=recommendations.text.intake.LineField(
                help_text="Read aloud, or shown, when people can't see the picture. The name is best: City of Vancouver",
                max_length=200,
                verbose_name="alternate text",
            ),
        ),
        migrations.AlterField(
            model_name="logo",
            name="position",
            field=models.PositiveSmallIntegerField(default=0, help_text="Lower numbers come first."),
        ),
        migrations.AlterField(
            model_name="logo",
            name="whose",
            field=models.CharField(
                choices=[("organisation", "your organization"), ("funder", "a funder")],
                default="funder",
                help_text="Your organization's logo is at the bottom of every page and on the cover of reports; funders' logos are on the page about this site and at the end of reports.",
                max_length=12,
                verbose_name="it belongs to",
            ),
        ),
        migrations.AlterField(
            model_name="phrase",
            name="language",
            field=recommendations.text.intake.LineField(
                help_text="Its BCP 47 tag: hur for Halkomelem, squ for Squamish, fr for French.",
                max_length=35,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,6}\\Z",
                        "Write a language tag: hur for Halkomelem, squ for Squamish, fr for French.",
                    )
                ],
            ),
        ),
        migrations.AlterField(
            model_name="phrase",
            name="text",
            field=recommendations.text.intake.LineField(
                help_text="Exactly as they appear in your texts. Paste them, with all accents and marks.",
                max_length=200,
                verbose_name="words",
            ),
        ),
        migrations.AlterField(
            model_name="progressupdate",
            name="dated_as_published",
            field=recommendations.text.intake.LineField(
                blank=True,
                help_text="Shown instead of the date, if you don't know the exact date: June 2020",
                max_length=80,
                verbose_name="date in words",
            ),
        ),
        migrations.AlterField(
            model_name="progressupdate",
            name="dated_on",
            field=models.DateField(
                help_text="The day it happened or became known, not the day you write it. Not in the future.",
                verbose_name="date",
            ),
        ),
        migrations.AlterField(
            model_name="progressupdate",
            name="private_note",
            field=recommendations.text.intake.PassageField(
                blank=True,
                help_text="For colleagues: who told us, and whether we may say so. It never leaves these pages and never appears in a report or file.",
                max_length=20000,
            ),
        ),
        migrations.AlterField(
            model_name="progressupdate",
            name="sums_up",
            field=models.BooleanField(
                default=False,
                help_text="Tick this if the update sums up earlier updates of the report's period: the report then shows this one instead of them. The website keeps them all.",
                verbose_name="sums up the period",
            ),
        ),
        migrations.AlterField(
            model_name="recommendation",
            name="added_on",
            field=models.DateField(
                blank=True,
                help_text="Leave empty if it was part of the plan from the start. Reports for periods before this day leave it out.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="recommendation",
            name="number",
            field=models.PositiveSmallIntegerField(
                help_text="The 2 in 3.2. It can't change after a report is published, and is never reused."
            ),
        ),
        migrations.AlterField(
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
        migrations.AlterField(
            model_name="recommendation",
            name="replaced_by",
            field=models.ManyToManyField(
                blank=True,
                help_text="The ones that replace it.",
                related_name="replaces",
                to="recommendations.recommendation",
            ),
        ),
        migrations.AlterField(
            model_name="recommendation",
            name="target_on",
            field=models.DateField(
                blank=True, help_text="Only if the exact day is known.", null=True, verbose_name="target date"
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="ends_on",
            field=models.DateField(
                help_text="The last day it reports on. You can publish from that day on.", verbose_name="period to"
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="introduction",
            field=recommendations.text.intake.PassageField(
                blank=True, help_text="Comes after the text about the conference.", max_length=20000
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="originally_published",
            field=recommendations.text.intake.LineField(
                blank=True, help_text="Only for a report first published elsewhere: June 2020", max_length=80
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="slug",
            field=models.SlugField(
                help_text="The last part of its address: two-year-update-2021. It can't change after the report is published.",
                max_length=80,
                unique=True,
                verbose_name="address",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="status_note",
            field=recommendations.text.intake.PassageField(
                blank=True,
                help_text="Shown wherever its statuses appear. Only if they need explaining.",
                max_length=2000,
            ),
        ),
        migrations.AlterField(
            model_name="reportsection",
            name="position",
            field=models.PositiveSmallIntegerField(default=0, help_text="Lower numbers come first."),
        ),
        migrations.AlterField(
            model_name="responsibleparty",
            name="is_everyone",
            field=models.BooleanField(
                default=False,
                help_text="Tick this for the party that stands for everyone together.",
                verbose_name="everyone",
            ),
        ),
        migrations.AlterField(
            model_name="supportlink",
            name="position",
            field=models.PositiveSmallIntegerField(default=0, help_text="Lower numbers come first."),
        ),
        migrations.AlterField(
            model_name="takedown",
            name="reason",
            field=recommendations.text.intake.PassageField(
                help_text="Public. Say why, but nothing that must stay private.", max_length=2000
            ),
        ),
        migrations.AlterConstraint(
            model_name="actionplan",
            name="action_plan_is_the_only_one",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)),
                name="action_plan_is_the_only_one",
                violation_error_message="This tracker already has an action plan. Change that one instead.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="assessment",
            name="update_assesses_a_recommendation_once",
            constraint=models.UniqueConstraint(
                fields=("update", "recommendation"),
                name="update_assesses_a_recommendation_once",
                violation_error_message="The update already covers this recommendation.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="evidencelink",
            name="update_cites_an_address_once",
            constraint=models.UniqueConstraint(
                fields=("update", "address"),
                name="update_cites_an_address_once",
                violation_error_message="The update already has this address.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="logo",
            name="organisation_has_one_logo",
            constraint=models.UniqueConstraint(
                condition=models.Q(("whose", "organisation")),
                fields=("plan",),
                name="organisation_has_one_logo",
                violation_error_message="Your organization can have only one logo. Choose “a funder” for the others.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="phrase",
            name="phrase_is_listed_once",
            constraint=models.UniqueConstraint(
                fields=("plan", "text"),
                name="phrase_is_listed_once",
                violation_error_message="These words are already listed.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="recommendation",
            name="recommendation_retires_with_a_reason",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("retired_on", None), ("retired_reason", "")),
                    models.Q(("retired_on__isnull", False), models.Q(("retired_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="recommendation_retires_with_a_reason",
                violation_error_message="Give both a retirement date and a reason, or neither.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="term",
            name="term_is_listed_once",
            constraint=models.UniqueConstraint(
                fields=("word",),
                name="term_is_listed_once",
                violation_error_message="This word is already on the list.",
            ),
        ),
    ]
