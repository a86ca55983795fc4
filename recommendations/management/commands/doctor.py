"""`manage.py doctor [--workers N] [--threads N]`: what is wrong with this installation, and how to fix it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.management.commands.serve import add_sizes
from recommendations.management.doctor import State, examined


class Command(BaseCommand):
    help = (
        "Says in one line for each thing that the site needs whether it is well (ok), what is wrong and how to fix it "
        "(to fix), or that it can't be told (can't tell). It changes nothing and sends nothing. Fails if something is "
        "to fix."
    )

    # It makes them itself, after the database has answered.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_sizes(parser)

    def handle(self, *args: Any, workers: int, threads: int, **options: Any) -> None:
        wrong = 0
        for answer in examined(workers=workers, threads=threads):
            wrong += answer.state is State.TO_FIX
            self.stdout.write(f"{answer.state.value:<10}  {answer.subject}: {answer.words}")
            self.stdout.flush()
        if wrong:
            raise CommandError("1 thing is to fix." if wrong == 1 else f"{wrong} things are to fix.")
        self.stdout.write("Nothing is to fix.")
