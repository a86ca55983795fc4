"""The action plan, and the organization that follows it up."""

from __future__ import annotations

import datetime as dt
import re

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from recommendations.text import dates
from recommendations.text.colours import check_accent
from recommendations.text.intake import AddressField, LineField, PassageField

from .saves import History

LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,6}")
# Where “Leave this site” leads unless the plan says otherwise: known everywhere, in every language.
LEAVE_ADDRESS = "https://www.wikipedia.org/"


def has_editions() -> bool:
    """Whether anything was ever published as an edition: from then on numbers and addresses are fixed."""
    return ActionPlan.objects.filter(reports__editions__isnull=False).exists()


def languages() -> list[tuple[str, str]]:
    """The languages that a plan may be in, as choices: those that have a whole catalogue."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]


class Naming:
    """What a plan calls its recommendations: its own words, else those of the language, for one and for several.

    Of a plan and of its entry in a snapshot. `heading_` begins with a capital: in headings and before references.
    """

    recommendation_name: str
    recommendation_name_plural: str

    @property
    def name_of_one(self) -> str:
        return self.recommendation_name or gettext("recommendation")

    @property
    def name_of_several(self) -> str:
        return self.recommendation_name_plural or gettext("recommendations")

    @property
    def heading_of_one(self) -> str:
        return capfirst(self.name_of_one)

    @property
    def heading_of_several(self) -> str:
        return capfirst(self.name_of_several)

    def counted(self, count: int) -> str:
        """`count` of them: 94 calls. Which of the two words it takes is for the language to say."""
        words = {"count": count, "one": self.name_of_one, "several": self.name_of_several}
        return ngettext("%(count)d %(one)s", "%(count)d %(several)s", count) % words


class ActionPlanQuerySet(models.QuerySet["ActionPlan"]):
    def staff_language(self) -> str:
        """The language of the staff's pages; that of the settings before there is a plan."""
        return self.values_list("staff_language", flat=True).first() or settings.LANGUAGE_CODE


class ActionPlan(Naming, models.Model):
    """The recommendations that were adopted together, and the organization that follows them up.

    There is one per installation.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    title = LineField(
        _("title"),
        help_text=_("Shown at the top of every page. Anything after a colon becomes the second line of the title."),
    )
    recommendation_name = LineField(
        _("what you call a recommendation"),
        max_length=40,
        blank=True,
        help_text=_(
            "One of them, in small letters: call, commitment. It is in headings, in counts and before references. "
            "If empty, it is “recommendation”."
        ),
    )
    recommendation_name_plural = LineField(
        _("what you call several"), max_length=40, blank=True, help_text=_("Several of them: calls, commitments.")
    )
    conference_name = LineField(
        _("conference"),
        blank=True,
        help_text=_(
            "Where the plan was adopted, as it should be on the report's cover: May 2021 Conference. "
            "Leave it empty if there was no conference."
        ),
    )
    conference_dates_as_published = LineField(
        _("dates in words"), blank=True, help_text=_("As published: May 3-4, 2021")
    )
    conference_starts_on = models.DateField(_("first day"), null=True, blank=True)
    conference_ends_on = models.DateField(_("last day"), null=True, blank=True)
    place = LineField(_("place"), blank=True)
    acknowledgement = PassageField(
        _("territorial acknowledgement"),
        blank=True,
        help_text=_(
            "Comes first in the introduction of reports. Names are kept exactly as you type or paste "
            "them, with all accents and marks."
        ),
    )
    introduction = PassageField(
        _("introduction"), blank=True, help_text=_("How the plan came about. Leave an empty line between paragraphs.")
    )
    goals = PassageField(_("goals"), blank=True)
    language = models.CharField(
        _("language"),
        max_length=35,
        choices=languages,
        default=settings.LANGUAGE_CODE,
        help_text=_(
            "The language of the plan and of your updates. The site, reports, feeds and data speak it too. "
            "Published editions keep the language they were made in."
        ),
    )
    staff_language = models.CharField(
        _("language of the staff's pages"),
        max_length=35,
        choices=languages,
        default=settings.LANGUAGE_CODE,
        help_text=_("The language of these pages and of reminders. The handbook is in English."),
    )
    organisation_name = LineField(_("organization"), help_text=_("The name that signs pages, feeds and reports."))
    organisation_short_name = LineField(_("short name"), blank=True, max_length=40)
    organisation_about = PassageField(
        _("who you are"),
        blank=True,
        max_length=1_000,
        help_text=_("Two or three sentences about your organization, at the bottom of every page and under “About”."),
    )
    site_acknowledgement = PassageField(
        _("acknowledgement for this site"),
        blank=True,
        max_length=2_000,
        help_text=_(
            "Your organization's own, for this site: it acknowledges the territories that you work on, and stands at "
            "the bottom of every page and under “About”. The one above belongs to the plan and stands in reports."
        ),
    )
    website = AddressField(_("website"), blank=True)
    contact_email = models.EmailField(
        _("contact for errors and responses"), blank=True, help_text=_("Shown on every page. Leave empty to show none.")
    )
    contact_name = LineField(
        _("who reads it"),
        max_length=100,
        blank=True,
        help_text=_(
            "Shown beside the contact. A role, such as Policy coordinator, lasts longer than a name, and can't be "
            "searched for as a person can."
        ),
    )
    answers_within = models.PositiveSmallIntegerField(
        _("you answer within"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_(
            "Working days, promised to organizations and agencies that reply to a recommendation. Leave empty to "
            "promise none."
        ),
    )
    care_line = LineField(
        _("care line"),
        blank=True,
        help_text=_(
            "At the top of every page, before the link to support: This site talks about suicide. Leave empty for none."
        ),
    )
    offers_leave = models.BooleanField(
        _("offer “Leave this site”"),
        default=True,
        help_text=_(
            "A button on every page for readers who must not be seen here. Turn it off only if nobody could be "
            "harmed for reading this site."
        ),
    )
    exit_address = AddressField(
        _("leave address"),
        default=LEAVE_ADDRESS,
        help_text=_("Where “Leave this site” leads: an ordinary site that says nothing about the reader."),
    )
    kept_from_titles = LineField(
        _("words kept from titles"),
        max_length=500,
        blank=True,
        help_text=_(
            "Separated by commas. Tabs, histories and bookmarks show the titles of pages, and somebody beside your "
            "readers may see them: a page whose name has one of these words, in any form, is called by a number there. "
            "While the list is empty, all are, unless “Leave this site” is off."
        ),
    )
    accent_colour = LineField(
        _("accent colour"),
        max_length=7,
        blank=True,
        validators=[check_accent],
        help_text=_(
            "Your organization's colour, for links, buttons and the cover of reports: # and six digits, "
            "such as #1f4e79. Leave empty for the tracker's own."
        ),
    )
    data_licence = LineField(
        _("data licence"),
        blank=True,
        help_text=_("For example CC BY 4.0. If empty, the site says that there is none."),
    )
    data_licence_address = AddressField(_("licence address"), blank=True)
    may_be_published = PassageField(
        _("numbers and addresses that may be published"),
        blank=True,
        max_length=5_000,
        help_text=_(
            "One a line: phone numbers, e-mail and street addresses, accounts, names. “Please check” leaves them "
            "out, as it does your contact, your website and your support links."
        ),
    )
    notes_end_after = models.PositiveSmallIntegerField(
        _("notes for colleagues end after"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_(
            "Days after the newest edition for their period: we propose 90. Their words are then erased here, for "
            "good, after two weeks' notice on the workspace. Leave empty to keep them."
        ),
    )
    numbers_areas = models.BooleanField(
        _("the areas are numbered"),
        default=True,
        help_text=_("Untick this if the plan's areas have titles but no numbers of their own."),
    )
    needs_second_reader = models.BooleanField(
        _("a colleague marks updates ready"),
        default=False,
        help_text=_(
            "Whoever began an update or changed it last can't mark it ready, nor publish it before a colleague did."
        ),
    )
    marks_embargo = models.BooleanField(
        _("drafts show an embargo"),
        default=False,
        help_text=_(
            "Reports then have a field for a day or your own words. It is on previews and drafts to circulate, never "
            "on what is published."
        ),
    )
    notes_board_approval = models.BooleanField(
        _("the board approves reports, too"),
        default=False,
        help_text=_("Reports then have a second field beside “Approval”, which readers see below it."),
    )

    # No form has these: see publishing/closing.py.
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("closed by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    takes_down = LineField(_("who takes down after the site was closed"), blank=True, editable=False, max_length=200)

    objects = ActionPlanQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("action plan")
        verbose_name_plural = _("action plan")
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1),
                name="action_plan_is_the_only_one",
                violation_error_message=_("This tracker already has an action plan. Change that one instead."),
            ),
            models.CheckConstraint(
                condition=Q(conference_ends_on__gte=models.F("conference_starts_on")),
                name="conference_ends_after_it_starts",
                violation_error_message=_("The conference can't end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(conference_starts_on=None, conference_ends_on=None)
                | Q(conference_starts_on__isnull=False, conference_ends_on__isnull=False),
                name="conference_has_both_days_or_none",
                violation_error_message=_("Give both the first and the last day, or neither."),
            ),
            models.CheckConstraint(
                condition=Q(recommendation_name="", recommendation_name_plural="")
                | (~Q(recommendation_name="") & ~Q(recommendation_name_plural="")),
                name="recommendation_has_both_names_or_none",
                violation_error_message=_("Give both words, for one and for several, or neither."),
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, takes_down="")
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="site_is_closed_by_somebody_or_open",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("progress")

    @property
    def closed_on(self) -> dt.date | None:
        return timezone.localdate(self.closed_at) if self.closed_at else None

    @property
    def not_updated(self) -> str:
        """Since when nobody has updated the site, in a sentence; empty while it is open."""
        return dates.not_updated_since(self.closed_on) if self.closed_on else ""

    @property
    def removals(self) -> str:
        """Who can still remove something from a closed site, and what nobody can: true of old copies, too."""
        if self.takes_down:
            words = gettext(
                "To have something taken down that puts somebody in danger, ask %(contact)s. They agreed to that when "
                "the site was closed. Copies elsewhere can’t be changed."
            )
            return words % {"contact": self.takes_down}
        return gettext(
            "When the site was closed, nobody was named who could still take something down. Copies of it can’t be "
            "changed."
        )

    @property
    def named_support(self) -> list[str]:
        """The names of the places that offered support, for a closed site: those that hold no number."""
        return [link.label for link in self.support_links.all() if not any(map(str.isdigit, link.label))]


class Phrase(models.Model):
    """Words in another language than the plan's, such as the name of a First Nation, and which language they are.

    Wherever a report says them, they are marked as of that language: screen readers then choose the right voice.
    """

    text = LineField(
        _("words"), help_text=_("Exactly as they appear in your texts. Paste them, with all accents and marks.")
    )
    language = LineField(
        _("language"),
        max_length=35,
        validators=[
            RegexValidator(
                rf"^{LANGUAGE_TAG.pattern}\Z",
                _("Write a language tag: hur for Halkomelem, squ for Squamish, fr for French."),
            )
        ],
        help_text=_("Its BCP 47 tag: hur for Halkomelem, squ for Squamish, fr for French."),
    )
    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, related_name="phrases", default=1)

    history = History()

    class Meta:
        verbose_name = _("words in another language")
        verbose_name_plural = _("words in other languages")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "text"],
                name="phrase_is_listed_once",
                violation_error_message=_("These words are already listed."),
            ),
            models.CheckConstraint(condition=~Q(text="") & ~Q(language=""), name="phrase_has_words_and_language"),
        ]

    def __str__(self) -> str:
        return f"{self.text} ({self.language})"
