"""References become the text that was adopted, with an address and a place of their own, instead of two numbers."""

import recommendations.models.recommendations
import recommendations.text.intake
from django.db import migrations, models

REFERENCE = "As adopted: 3.2, 42 or 12(b). It can't change after a report is published, and is never reused."


def write_references(apps, schema_editor):
    """“3.2” of the second in area 3; histories too, where an area that is gone had the number it had last."""
    area, recommendation = (apps.get_model("recommendations", name) for name in ("Area", "Recommendation"))
    past_area, past = (apps.get_model("recommendations", f"Historical{name}") for name in ("Area", "Recommendation"))
    numbers = dict(past_area.objects.order_by("history_date", "history_id").values_list("id", "number"))
    numbers |= dict(area.objects.values_list("pk", "number"))
    for kind in (recommendation, past):
        for row in kind.objects.only("pk", "area_id", "number").iterator():
            reference = f"{numbers.get(row.area_id, 0)}.{row.number}"
            kind.objects.filter(pk=row.pk).update(reference=reference, slug=reference, position=row.number)


def write_numbers(apps, schema_editor):
    """The way back: the number of a recommendation is its place in its area, counted anew."""
    for name in ("Recommendation", "HistoricalRecommendation"):
        kind = apps.get_model("recommendations", name)
        counted = {}
        for row in kind.objects.order_by("area_id", "position", "id").only("pk", "id", "area_id"):
            places = counted.setdefault(row.area_id, {})
            number = places.setdefault(row.id, len(places) + 1)
            kind.objects.filter(pk=row.pk).update(number=number)


def reference_field(**options):
    return recommendations.text.intake.LineField(help_text=REFERENCE, max_length=40, **options)


def slug_field(**options):
    return recommendations.models.recommendations.SlugField(
        blank=True, editable=False, max_length=120, verbose_name="address", **options
    )


def position_field(**options):
    return models.PositiveSmallIntegerField(
        help_text="Lower numbers come first.", verbose_name="place in its area", **options
    )


def title_field():
    return recommendations.text.intake.LineField(
        blank=True,
        help_text=(
            "Leave it empty only if the plan has no areas: then this is the only one, and readers don't see it."
        ),
        max_length=200,
    )


def numbers_areas_field():
    return models.BooleanField(
        default=True,
        help_text="Untick this if the plan's areas have titles but no numbers of their own.",
        verbose_name="the areas are numbered",
    )


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0014_links")]

    operations = [
        *(
            migrations.AddField(name, field, made(default=default), preserve_default=False)
            for name in ("recommendation", "historicalrecommendation")
            for field, made, default in (
                ("reference", reference_field, ""),
                ("slug", slug_field, ""),
                ("position", position_field, 0),
            )
        ),
        migrations.RemoveConstraint("recommendation", "recommendation_number_is_used_once"),
        migrations.RemoveConstraint("recommendation", "recommendation_number_is_from_1_to_9999"),
        # Empty for a while, so that the way back can write it.
        *(
            migrations.AlterField(name, "number", models.PositiveSmallIntegerField(null=True))
            for name in ("recommendation", "historicalrecommendation")
        ),
        migrations.RunPython(write_references, write_numbers),
        migrations.AlterModelOptions(
            "recommendation",
            {"ordering": ["area__number", "position", "id"], "verbose_name": "recommendation"},
        ),
        migrations.AlterModelOptions(
            "assessment",
            {
                "ordering": ["recommendation__area__number", "recommendation__position", "recommendation__id"],
                "verbose_name": "recommendation covered",
                "verbose_name_plural": "recommendations covered, and where each stands",
            },
        ),
        migrations.RemoveField("recommendation", "number"),
        migrations.RemoveField("historicalrecommendation", "number"),
        migrations.AlterField("recommendation", "slug", slug_field(unique=True)),
        migrations.AlterField("historicalrecommendation", "slug", slug_field(db_index=True)),
        migrations.AddConstraint(
            "recommendation",
            models.UniqueConstraint(
                fields=("reference",),
                name="recommendation_reference_is_used_once",
                violation_error_message="Another recommendation has this reference.",
            ),
        ),
        migrations.AddConstraint(
            "recommendation",
            models.CheckConstraint(
                condition=models.Q(models.Q(("reference", ""), _negated=True), models.Q(("slug", ""), _negated=True)),
                name="recommendation_has_a_reference",
                violation_error_message="A reference has at least one letter or digit.",
            ),
        ),
        *(migrations.AlterField(name, "title", title_field()) for name in ("area", "historicalarea")),
        *(
            migrations.AddField(name, "numbers_areas", numbers_areas_field())
            for name in ("actionplan", "historicalactionplan")
        ),
    ]
