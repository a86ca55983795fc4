"""Findings with what staff answered to them.

An answer holds as long as the same is found in the same text; after that the finding asks again, beside the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from recommendations.models import FindingAnswer

if TYPE_CHECKING:
    from .findings import Finding


def with_answers(found: Iterable[Finding]) -> list[Finding]:
    """Each of `found` with its answer, or with the one that was given before its text changed; in one query or none."""
    found = list(found)
    subjects = {one.subject for one in found if one.can_be_answered}
    if not subjects:
        return found
    holding: dict[tuple[object, ...], FindingAnswer] = {}
    earlier: dict[tuple[object, ...], FindingAnswer] = {}
    for answer in FindingAnswer.objects.about(subjects):
        asked = (answer.subject, answer.kind, answer.words)
        holding[*asked, answer.basis] = earlier[asked] = answer
    return [
        replace(
            one,
            answer=holding.get((one.subject, one.kind, one.words, one.basis)),
            earlier=earlier.get((one.subject, one.kind, one.words)),
        )
        if one.can_be_answered
        else one
        for one in found
    ]


def with_answers_to_the_same(found: Iterable[Finding]) -> list[Finding]:
    """Each of `found`, in a text that isn't saved, with the answer that was given where the same text is saved."""
    found = list(found)
    answers = FindingAnswer.objects.with_people().filter(basis__in={one.basis for one in found}) if found else ()
    given = {(one.kind, one.words, one.basis): one for one in answers}
    return [replace(one, answer=given.get((one.kind, one.words, one.basis))) for one in found]
