"""`manage.py check_links`: ask whether the pages elsewhere that the site links to are there. To be run weekly."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from recommendations.management.asking import Answer, Asker
from recommendations.publishing.link_checks import record_answer
from recommendations.reading.elsewhere import uses
from recommendations.text import dates


class Command(BaseCommand):
    help = (
        "Asks for each page elsewhere that the site links to. One that was missing twice, a day or more apart, is "
        "said to be gone. It can be stopped at any time and run again."
    )

    def __init__(self, *args: Any, ask: Callable[[str], Answer] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask = ask or Asker(agent=f"Mozilla/5.0 (compatible; link check of {settings.SITE_URL}/)").ask

    def handle(self, *args: Any, **options: Any) -> None:
        places = uses(on=timezone.localdate())
        if not places:
            self.stdout.write("The site links to no pages elsewhere.")
            return
        answers: list[Answer] = []
        for address, used in places.items():
            answer = self.ask(address)
            link = record_answer(address, is_there=answer.is_there, answer=answer.words, at=timezone.now())
            answers.append(answer)
            if answer.is_there:
                continue
            where = "; ".join(dict.fromkeys(use.where for use in used))
            if answer.is_there is None:
                found = "Couldn't be checked"
            elif link.gone_at and link.missing_since:
                found = f"No longer there since {dates.day(link.missing_since)}"
            else:
                found = "Not there, to be checked once more"
            self.stdout.write(f"{found} ({answer.words}): {address}, {where}")
        there, missing, unknown = (sum(one.is_there is kind for one in answers) for kind in (True, False, None))
        self.stdout.write(f"Checked {len(answers)}: {there} there, {missing} not there, {unknown} couldn't be checked.")
        if unknown == len(answers):
            raise CommandError("Nothing could be checked. Does this machine reach the internet?")
