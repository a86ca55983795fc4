"""The act that loads a plan into a tracker without one: whole or not at all, each object with its first history row."""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from recommendations.models import ActionPlan, ProgressUpdate

from .acts import save
from .updates import mark_ready


class PlanExists(Exception):
    """The tracker has a plan already: loading another over it would revert what staff wrote since."""


def load_plan(path: Path, *, by: User) -> int:
    """Load the fixture at `path` (Django's JSON format) and mark its updates ready; returns the number of objects.

    Unlike `loaddata`, it checks each object, writes history as `by`, and refuses where a plan is there: PlanExists.
    A fixture that does not hold together raises ValidationError, DeserializationError or IntegrityError.
    """
    with transaction.atomic():
        if ActionPlan.objects.exists():
            raise PlanExists
        text = path.read_text(encoding="utf-8")
        models = set()
        objects = list(serializers.deserialize("json", text))
        for deserialized in objects:
            thing: Any = deserialized.object
            thing.full_clean(validate_unique=False)
            save(thing, by=by, reason=f"Loaded from {path.name}", is_checked=True, is_new=True)
            for field, related in (deserialized.m2m_data or {}).items():
                if related:
                    getattr(thing, field).set(related)
            models.add(type(thing))
        # The rows brought their own ids, which PostgreSQL's sequences have not counted.
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), sorted(models, key=lambda m: m.__name__)):
                cursor.execute(statement)
        for update in ProgressUpdate.objects.drafts().order_by("id"):
            mark_ready(update, by=by, at=timezone.now())
    return len(objects)
