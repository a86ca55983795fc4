"""The act that answers findings: somebody looked at them, and says why they are fine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import ActionPlan, FindingAnswer
from recommendations.models.finding_answers import KEPT_WITH
from recommendations.reading import findings

from .acts import Refused, public_words


def answer_findings(
    thing: findings.Checked,
    *,
    reasons: Mapping[str, str],
    by: User,
    at: dt.datetime,
) -> list[FindingAnswer]:
    """Keep why findings in `thing` are fine: `reasons` by the findings' keys, all or none.

    Refused where one isn't found any more, as what it was in has changed. The plan's lock lets no erasure pass that
    began before: what it erased can't come back in an answer.
    """
    with transaction.atomic():
        plan = ActionPlan.objects.select_for_update().get()
        found = {one.key: one for one in findings.of(thing, on=timezone.localdate(at)) if one.can_be_answered}
        answers = []
        for key, reason in reasons.items():
            if key not in found:
                raise Refused(_("What you answered has changed since you opened this page. Please check it again."))
            one = found[key]
            about, id = one.subject
            answers.append(
                FindingAnswer(
                    kind=one.kind,
                    words=one.words,
                    basis=one.basis,
                    message=one.message,
                    reason=public_words(reason, missing=_("Say why it is fine, so that colleagues needn't ask.")),
                    answered_at=at,
                    answered_by=by,
                    **{f"{KEPT_WITH[about]}_id": id or plan.pk},
                )
            )
        for answer in answers:
            answer.save()
    return answers
