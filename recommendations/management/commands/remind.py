"""`manage.py remind`: what is stale, ready or due, to the staff by e-mail, each once; to administrators what waits for
their decision, each day. To be run daily."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from recommendations.models import ActionPlan, ReminderSent
from recommendations.workspace.reminders import Reminder, due, recipients, to_decide, unsent


class Command(BaseCommand):
    help = (
        "E-mails staff what is stale, ready or due, once each, and administrators what was set aside, "
        "every day until it is decided. Prints it if e-mail isn't set up."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="print what would be sent, and send nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        with translation.override(ActionPlan.objects.staff_language()):
            self.remind_all(dry_run=dry_run)

    def remind_all(self, *, dry_run: bool) -> None:
        today = timezone.localdate()
        waiting, others = unsent(to_decide(on=today)), unsent(due(on=today))
        if not waiting and not others:
            self.stdout.write("There are no new reminders.")
        administrators = recipients(able_to="change_setaside")
        self.remind(waiting, administrators, _("%(organization)s: waiting for a decision"), dry_run=dry_run)
        self.remind(others, recipients(), _("%(organization)s: reminders for staff"), dry_run=dry_run)

    def remind(self, reminders: list[Reminder], to: list[str], subject: str, *, dry_run: bool) -> None:
        """Send `reminders` in one message. Its subject says little over a shoulder; nobody sees who else got it."""
        if not reminders:
            return
        for reminder in reminders:
            self.stdout.write(f"- {reminder.message}")
        if dry_run or settings.EMAIL_BACKEND == "django.core.mail.backends.console.EmailBackend":
            self.stdout.write("Nothing was sent." if dry_run else "E-mail is not set up: nothing was sent.")
            return
        if not to:
            self.stdout.write("None of the accounts they are for has an e-mail address: nothing was sent.")
            return
        plan = ActionPlan.objects.get()
        words = [*(f"- {reminder.message}" for reminder in reminders), "", f"{settings.SITE_URL}/admin/"]
        try:
            with transaction.atomic():
                at = timezone.now()
                ReminderSent.objects.bulk_create([ReminderSent(key=reminder.key, sent_at=at) for reminder in reminders])
                EmailMessage(subject % {"organization": plan.organisation_name}, "\n".join(words), bcc=to).send()
        except OSError as error:  # smtplib's own errors, too; their words may hold an address
            raise CommandError(
                f"The e-mail could not be sent ({type(error).__name__}): nothing is on record."
            ) from error
        self.stdout.write(f"Sent to {len(to)}.")
