"""What the history must say of every change: who, in which save, of what kind, and each row as it is stored now."""

from django.apps import apps


def kinds():
    """Every model that keeps a history."""
    return [model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")]


def related(model, rows):
    """For each many-to-many field that the history of `model` keeps, the pairs of ids in a table that `rows` gives."""
    found = {}
    for field in model.history.model._history_m2m_fields:
        own, other = field.m2m_column_name(), field.m2m_reverse_name()
        for pk, id in rows(field).values_list(own, other):
            found.setdefault(pk, set()).add((field.name, id))
    return found


def stored(model):
    """Each row of `model` by its id: its values, and what it is related to."""
    names = [field.attname for field in model.history.model.tracked_fields]
    linked = related(model, lambda field: field.remote_field.through.objects)
    return {
        pk: (dict(zip(names, values, strict=True)), linked.get(pk, set()))
        for pk, *values in model._base_manager.values_list("pk", *names)
    }


def as_row(row):
    """What a row of a history says, as `stored` does."""
    names = [field.attname for field in row.tracked_fields]
    many = type(row)._history_m2m_fields
    linked = {
        (field.name, id)
        for field in many
        for id in getattr(row, field.name).values_list(field.m2m_reverse_name(), flat=True)
    }
    return {name: getattr(row, name) for name in names}, linked


class Changes:
    """What is changed from now on. `faults` compares that with what the histories say of it."""

    def __init__(self):
        self.before = {model: stored(model) for model in kinds()}
        self.recorded = {model: set(model.history.values_list("history_id", flat=True)) for model in kinds()}

    def rows(self, model):
        """The new rows of its history, in their order, by the id of what they are about."""
        found = {}
        for row in model.history.exclude(history_id__in=self.recorded[model]).order_by("history_id"):
            found.setdefault(getattr(row, model._meta.pk.attname), []).append(row)
        return found

    def faults(self, *, by, act):
        """Sentences; none where each changed row is recorded, by `by` in one save, that of `act`."""
        found, ids = [], set()
        for model in kinds():
            before, now, rows = self.before[model], stored(model), self.rows(model)
            changed = {pk for pk in before.keys() | now.keys() if before.get(pk) != now.get(pk)}
            found += [
                f"{model.__name__} {pk} was changed, and its history doesn't say so" for pk in changed - rows.keys()
            ]
            for pk, some in rows.items():
                ids |= {row.save_id for row in some}
                said = {(row.history_user, row.save_act) for row in some}, [row.history_type for row in some]
                right = {(by, act)}, types(some, pk in before, pk in now)
                if said != right:
                    found.append(f"{model.__name__} {pk}: {said}, not {right}")
                if pk in now and as_row(some[-1]) != now[pk]:
                    found.append(f"{model.__name__} {pk}: {as_row(some[-1])}, not {now[pk]}")
        return found + ([f"{len(ids)} saves"] if len(ids) > 1 else [])


def types(rows, was_there, is_there):
    """The types that the rows of one thing must have: added, changed and deleted."""
    middle = len(rows) - (not was_there) - (not is_there)
    return ["+"] * (not was_there) + ["~"] * middle + ["-"] * (not is_there)


def unlike():
    """The things, by model and id, of which the newest row of the history doesn't say what is stored now."""
    found = []
    for model in kinds():
        now, newest = stored(model), {}
        for row in model.history.order_by("history_id"):
            newest[getattr(row, model._meta.pk.attname)] = row
        for pk in now.keys() | newest.keys():
            row = newest.get(pk)
            said = as_row(row) if row and row.history_type != "-" else None
            if said != now.get(pk):
                found.append((model.__name__, pk))
    return found
