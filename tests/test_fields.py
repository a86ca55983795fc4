"""A field of a recommendation reaches all that stores, shows or imports it: what a new one lacks is named here."""

from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from django.contrib.admin import site
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models

from recommendations.admin.forms.plan import RETIREMENT, ReplacementForm
from recommendations.data.columns import RECOMMENDATION_COLUMNS
from recommendations.models import Recommendation
from recommendations.publishing.importing.columns import MANY
from recommendations.publishing.importing.proposal import RecommendationChange
from recommendations.reading import adopted
from recommendations.reading.entries import RecommendationEntry

# What everything names, and its place.
IN_THE_REFERENCE = {"area", "reference", "position"}
# Pages show these together.
SHOWN_AS = {
    "target_on": "target",
    "target_as_published": "target",
    "done_means_set_by": "done_means_decided",
    "done_means_set_on": "done_means_decided",
}
# What the search alone reads is in no snapshot, no file and on no page.
SEARCHED_ONLY = {"also_called"}
NOWHERE = [
    "its entry in snapshots: RecommendationEntry in reading/entries.py",
    "its column for files and imports: RECOMMENDATION_COLUMNS in data/columns.py",
    "its place on its page: templates/public/recommendation.html",
]
# The fields that a snapshot had from the first schema on; stored texts lack all the others.
FIRST = {"text", "parties", "target_on", "target_as_published", *RETIREMENT}


def template(name):
    return Path("templates", name).read_text()


def fields_of(kind):
    found = [field for field in (*kind._meta.fields, *kind._meta.many_to_many) if field.editable]
    return [field for field in found if not field.primary_key and field.name not in IN_THE_REFERENCE]


def forgotten(field):
    """What `field` lacks, in words for whoever adds it."""
    name, is_text = field.name, isinstance(field, models.CharField | models.TextField)
    entry = {one.name: one for one in fields(RecommendationEntry)}
    columns = [column.name for column in RECOMMENDATION_COLUMNS if column.field == name]
    change = RecommendationChange("1.1", "", False, ((name, ""),), (("", ()),))
    parts = ("recommendation", "_retired", "_done_means", "_in_plain_words")
    page = "".join(template(f"public/{part}.html") for part in parts)
    in_form = flatten_fieldsets(site.get_model_admin(Recommendation).fieldsets)
    in_replacement, replace = ReplacementForm._meta.fields, template("admin/recommendation/replace.html")
    with_history = {one.name for one in Recommendation.history.model._history_m2m_fields}
    told = {
        "its history: m2m_fields in models/recommendations.py": not field.many_to_many or name in with_history,
        "its entry in snapshots: RecommendationEntry in reading/entries.py": name in entry,
        "a default there, for texts stored before it": name in FIRST
        or name not in entry
        or entry[name].default is not MISSING,
        "its column for files and imports: RECOMMENDATION_COLUMNS in data/columns.py": len(columns) == 1,
        "its place in the form: fieldsets in admin/recommendations.py": name in in_form,
        "its place in what replaces it: ReplacementForm in admin/forms/plan.py": name in RETIREMENT
        or name in in_replacement,
        "its place there: templates/admin/recommendation/replace.html": name in RETIREMENT or f"form.{name}" in replace,
        "its place on its page: templates/public/recommendation.html": name == "added_on"
        or f"entry.{SHOWN_AS.get(name, name)}" in page,
        "that its cells can be read, as text and days can: _read in publishing/importing/rows.py": is_text
        or isinstance(field, models.DateField)
        or name in MANY,
        "that readers are told when it changes: adopted.ADOPTED_FIELDS": name
        in {*adopted.ADOPTED_FIELDS[Recommendation], *adopted.NOT_ADOPTED[Recommendation]},
        "a tick in an import": not columns or [part.names for part in change.parts] == [(name,)],
    }
    return [what for what, there in told.items() if not there]


@pytest.mark.parametrize("field", fields_of(Recommendation), ids=lambda field: field.name)
def test_a_field_has_all_that_it_needs(field):
    lacking = forgotten(field)

    assert lacking == (NOWHERE if field.name in SEARCHED_ONLY else []), "\n".join([f"{field.name} lacks", *lacking])
    assert field.name in adopted.NOT_ADOPTED[Recommendation] or adopted.label_of(field.name)


def test_what_a_new_field_lacks_is_named():
    assert forgotten(models.ManyToManyField("self", name="mood")) == [
        "its history: m2m_fields in models/recommendations.py",
        "its entry in snapshots: RecommendationEntry in reading/entries.py",
        "its column for files and imports: RECOMMENDATION_COLUMNS in data/columns.py",
        "its place in the form: fieldsets in admin/recommendations.py",
        "its place in what replaces it: ReplacementForm in admin/forms/plan.py",
        "its place there: templates/admin/recommendation/replace.html",
        "its place on its page: templates/public/recommendation.html",
        "that its cells can be read, as text and days can: _read in publishing/importing/rows.py",
        "that readers are told when it changes: adopted.ADOPTED_FIELDS",
    ]
