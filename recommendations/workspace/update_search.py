"""Which updates a colleague searches for: by number, by reference, by person, or by words.

Words are compared in Python, as the public search does it, so that both databases find the same.
"""

from __future__ import annotations

import re

from django.contrib.auth.models import User

from recommendations.models import ActionPlan, Assessment, ProgressUpdate, Recommendation
from recommendations.reading.search import LONGEST_SEARCH, compared

# “U14” and “#14” are always an update's number; “14” may be a recommendation's reference, too.
NUMBER = re.compile(r"\s*([Uu]|#)?\s*([0-9]{1,9})\s*")


def numbered(words: str) -> ProgressUpdate | None:
    """The update that `words` names by its number and by nothing else; None if they may mean a recommendation."""
    found = NUMBER.fullmatch(words)
    if found is None or (not found[1] and referred_to(words)):
        return None
    return ProgressUpdate.objects.filter(pk=int(found[2])).first()


def referred_to(words: str) -> Recommendation | None:
    """The recommendation whose reference `words` are, perhaps after the plan's name for one: “3.2”, “call 42”."""
    asked = " ".join(compared(words).split())
    plan = ActionPlan.objects.first()
    names = [compared(name) for name in (plan.name_of_one, plan.name_of_several)] if plan else []
    asked = next((rest for name in names if (rest := asked.removeprefix(f"{name} ")) != asked), asked)
    references = Recommendation.objects.values_list("pk", "reference")
    found = next((id for id, reference in references if compared(reference) == asked), None)
    return Recommendation.objects.select_related("area").filter(pk=found).first() if found else None


def matching(words: str) -> set[int]:
    """The ids of the updates that `words` describe: each word stands in the text, the date in words, the note for
    colleagues or the evidence, is the reference of what it covers, or part of the name of whoever wrote or changed it.

    A whole reference finds what covers it, and nothing else; a number, also the update that has it.
    """
    words = words[:LONGEST_SEARCH]
    found = {int(number[2])} if (number := NUMBER.fullmatch(words)) else set()
    if recommendation := referred_to(words):
        return found | set(recommendation.assessments.values_list("update_id", flat=True))
    asked = compared(words).split()
    if not asked:
        return set()
    texts = {
        id: compared("\n".join(parts))
        for id, *parts in ProgressUpdate.objects.values_list("pk", "text", "dated_as_published", "private_note")
    }
    for id, label, address in ProgressUpdate.objects.exclude(evidence_links=None).values_list(
        "pk", "evidence_links__label", "evidence_links__address"
    ):
        texts[id] += compared(f"\n{label}\n{address}")
    people = {
        user.pk: compared(f"{user.username} {user.get_full_name()}")
        for user in User.objects.only("username", "first_name", "last_name")
    }
    covering: dict[str, set[int]] = {}
    for reference, id in Assessment.objects.values_list("recommendation__reference", "update_id"):
        covering.setdefault(compared(reference), set()).add(id)
    matched = set(texts)
    for word in asked:
        named = [id for id, name in people.items() if word in name]
        changed = ProgressUpdate.history.filter(history_user__in=named).values_list("id", flat=True) if named else ()
        holding = {id for id, text in texts.items() if word in text}
        matched &= holding | covering.get(word, set()) | set(changed)
    return found | matched
