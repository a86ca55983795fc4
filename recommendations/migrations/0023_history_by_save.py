"""Each row of the history says which save wrote it; the rows there are get theirs from who wrote them, when and why."""

import datetime as dt
import uuid

from django.db import migrations, models

import recommendations.models.saves
from recommendations.models.saves import id_at

# What has a history, each with the thing that it is a part of.
WHOLES = {
    "actionplan": None,
    "area": None,
    "assessment": ("progressupdate", "update_id"),
    "evidencelink": ("progressupdate", "update_id"),
    "logo": ("actionplan", "plan_id"),
    "phrase": ("actionplan", "plan_id"),
    "progressupdate": None,
    "recommendation": None,
    "recommendationlink": ("recommendation", "recommendation_id"),
    "report": None,
    "reportsection": ("report", "report_id"),
    "responsibleparty": None,
    "statuswording": ("actionplan", "plan_id"),
    "supportlink": ("actionplan", "plan_id"),
    "takedown": None,
    "term": None,
}
# Rows that one person wrote within this time of each other, of one thing or with one reason, are of one save.
ONE_SAVE = dt.timedelta(seconds=1)
# What making the PDF may take, between the instant of an edition and the row of its report.
NONE, RENDERED_IN = dt.timedelta(0), dt.timedelta(seconds=90)
# Of what one save did to one thing, the act that counts comes first.
ACTS = ("erase", "take_down", "withdraw", "publish", "add", "ready", "delete", "change")


def saves_of(rows):
    """Lists of positions in `rows`, which are (when, who, thing, why, ...) in the order of time: one for each save."""
    found, newest = [], {}
    for position, (at, who, thing, why, *_rest) in enumerate(rows):
        last = newest.get(who)
        if last and at - last["at"] <= ONE_SAVE and (thing in last["things"] or (why and why in last["whys"])):
            last["positions"].append(position)
        else:
            last = newest[who] = {"positions": [position], "things": set(), "whys": set()}
            found.append(last["positions"])
        last["at"] = at
        last["things"].add(thing)
        last["whys"].add(why)
    return found


def act_of(row, before):
    """What the row was written by, as far as it shows: an instant that the row before it lacks was the act's."""
    for name, act in (("erased", "erase"), ("taken_down", "take_down"), ("withdrawn", "withdraw")):
        if getattr(row, f"{name}_at", None) and not getattr(before, f"{name}_at", None):
            return act
    for name, act in (("published", "publish"), ("ready", "ready")):
        if before and getattr(row, f"{name}_at", None) and not getattr(before, f"{name}_at"):
            return act
    return {"+": "add", "-": "delete"}.get(row.history_type, "change")


def published(apps):
    """When editions were published, by their report: that changes nothing of the report itself."""
    found = {}
    for report, at in apps.get_model("recommendations", "edition").objects.values_list("report_id", "published_at"):
        found.setdefault(report, []).append(at)
    return found


def group(apps, schema_editor):
    rows, editions = [], published(apps)
    for kind, whole in WHOLES.items():
        before = {}
        for row in apps.get_model("recommendations", f"historical{kind}").objects.order_by("history_id"):
            thing = (whole[0], getattr(row, whole[1])) if whole else (kind, row.id)
            act = "add" if whole and row.history_type == "+" else act_of(row, before.get(row.id))
            if kind == "report" and any(
                RENDERED_IN >= row.history_date - at >= NONE for at in editions.get(row.id, ())
            ):
                act = "publish"
            before[row.id] = row
            rows.append(
                (row.history_date, row.history_user_id, thing, row.history_change_reason, kind, row, act, whole)
            )
    rows.sort(key=lambda one: one[0])
    changed = {kind: [] for kind in WHOLES}
    last = 0
    for positions in saves_of(rows):
        members = [rows[position] for position in positions]
        acts = {}
        for _at, _who, thing, _why, _kind, _row, act, whole in members:
            if whole is None:
                acts[thing] = min(act, acts.get(thing, act), key=ACTS.index)
        # In the order of time, whatever is drawn at random.
        last = max(last + 1, id_at(int(members[0][0].timestamp() * 1000)).int)
        for _at, _who, thing, _why, kind, row, _act, _whole in members:
            row.save_id, row.save_act = uuid.UUID(int=last), acts.get(thing, "change")
            changed[kind].append(row)
    for kind, found in changed.items():
        model = apps.get_model("recommendations", f"historical{kind}")
        model.objects.bulk_update(found, ["save_id", "save_act"], batch_size=100)


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0022_eyes")]

    operations = [
        *(
            migrations.AddField(
                model_name=f"historical{kind}",
                name=name,
                field=field,
            )
            for kind in WHOLES
            for name, field in (
                (
                    "save_act",
                    models.CharField(
                        blank=True,
                        default=recommendations.models.saves.current_act,
                        editable=False,
                        max_length=30,
                    ),
                ),
                (
                    "save_id",
                    models.UUIDField(db_index=True, default=recommendations.models.saves.current_id, editable=False),
                ),
            )
        ),
        migrations.RunPython(group, migrations.RunPython.noop, elidable=True),
    ]
