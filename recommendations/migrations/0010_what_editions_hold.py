"""Records of each edition which updates its frozen snapshot holds. Of an erased one nobody can tell any more."""

import json

from django.db import migrations


def record(apps, schema_editor):
    files = apps.get_model("recommendations", "EditionFile").objects.using(schema_editor.connection.alias)
    holds = apps.get_model("recommendations", "EditionUpdate")
    for file in files.filter(name="snapshot.json", content__isnull=False).iterator(chunk_size=1):
        ids = [update["id"] for update in json.loads(bytes(file.content))["updates"]]
        rows = [holds(edition_id=file.edition_id, update_id=id) for id in ids]
        holds.objects.using(schema_editor.connection.alias).bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0009_set_aside")]

    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
