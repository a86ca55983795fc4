"""Filters and tags for templates, each one thin: what they show is made elsewhere."""

import datetime as dt
from collections.abc import Sequence

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.models import ActionPlan, Report
from recommendations.models.plan import LEAVE_ADDRESS
from recommendations.models.statuses import status_slug
from recommendations.reading import replies, titles
from recommendations.reading.entries import PhraseEntry, ReportEntry
from recommendations.reading.replies import Reply
from recommendations.reading.schema import StatusTotal
from recommendations.reading.search import Hits
from recommendations.report import charts
from recommendations.report.languages import in_languages
from recommendations.text import dates, structure, words
from recommendations.text import markup as staff_markup
from recommendations.text.colours import accent_version

register = template.Library()


@register.filter
def markup(text: str, heading_level: int = 3) -> SafeString:
    """Staff's Markdown as HTML: `{{ update.text|markup }}`; with headings from h4 down `{{ update.text|markup:4 }}`."""
    return staff_markup.render(text, heading_level=heading_level)


@register.filter
def plain(text: str) -> str:
    """Staff's Markdown without the markup, for titles and feeds."""
    return staff_markup.plain(text)


@register.simple_block_tag
def marked(content: SafeString, hits: Hits) -> SafeString:
    """What a search found, with its hits marked: `{% marked found.hits %}…{% endmarked %}`."""
    return words.marked(content, words=hits.words, names=hits.names)


@register.simple_block_tag
def adopted(content: SafeString, text: str, **attributes: str) -> SafeString:
    """An adopted text with its structure: `{% adopted entry.text class="item__text" %}{% endadopted %}`.

    It is one element with the attributes that aren't empty. What the tag holds comes first in the first line.
    """
    return structure.render(
        text, before=content, attributes=format_html_join("", ' {}="{}"', filter(all, attributes.items()))
    )


@register.simple_tag
def parts_of(text: str) -> tuple[SafeString, SafeString]:
    """An adopted text with a heading: `{% parts_of entry.text as words %}` for its first paragraph and what follows."""
    return structure.parts(text)


@register.filter
def one_line(text: str) -> str:
    """The beginning of an adopted text, where there is room for one line."""
    return structure.one_line(text)


@register.filter
def paragraphs(text: str) -> SafeString:
    """Django's `linebreaks` for where no style sheet comes along: each paragraph says how it finds its direction."""
    return SafeString(linebreaks(text, autoescape=True).replace("<p>", '<p dir="auto">'))


@register.filter
def day(on: dt.date | None) -> str:
    """A day, or an instant as its local day, "" for none: `{{ report.ends_on|day }}` gives June 30, 2020."""
    return dates.day(on) if on else ""


@register.simple_tag
def dated(on: dt.date, words: str = "") -> SafeString:
    """A day as precisely as it is known: `{% dated update.dated_on update.dated_as_published %}`."""
    return format_html('<time datetime="{}">{}</time>', on.strftime("%Y-%m-%d"), words or dates.day(on))


@register.simple_tag
def status(key: str, label: str, language: str = "") -> SafeString:
    """A status with its mark, or that there is no update yet: `{% status entry.status_key line.label %}`.

    `language` is that of the label, where it isn't the page's.
    """
    return format_html(
        '<span class="status status--{}"{}>{}</span>',
        status_slug(key),
        format_html(' lang="{}"', language) if language and key else "",
        label if key else _("No update yet"),
    )


@register.filter
def moment(at: dt.datetime | None) -> str:
    """An instant as local day and time: `{{ entry.at|moment }}` gives June 30, 2020, 14:05; "" for none."""
    return dates.moment(at) if at else ""


@register.filter
def clock(at: dt.datetime) -> str:
    """The local time of an instant: `{{ publication.began_at|clock }}` gives 14:05."""
    return dates.clock(at)


@register.filter
def period(report: Report | ReportEntry) -> str:
    """The period of a report: `{{ report|period }}` gives May 30, 2019 to June 30, 2020."""
    return dates.period(report.starts_on, report.ends_on)


@register.filter
def to_the_second(at: dt.datetime) -> str:
    """An instant as day and time with its seconds: `{{ entry.at|to_the_second }}` gives June 30, 2020, 14:05:09."""
    return dates.moment_to_the_second(at)


@register.filter
def accent_address(colour: str) -> str:
    """The address of the style sheet of an accent colour, which browsers keep: what it holds is part of it."""
    return reverse("accent", args=[colour.removeprefix("#"), accent_version(colour)])


@register.filter
def leave_address(plan: ActionPlan | None) -> str:
    """Where “Leave this site” leads, also before there is a plan and on error pages; empty where the plan has none."""
    if not plan:
        return LEAVE_ADDRESS
    return plan.exit_address if plan.offers_leave else ""


@register.filter
def reply_about(plan: ActionPlan, references: str | Sequence[str]) -> Reply:
    """How to reply about one recommendation, or several: `{% with reply=plan|reply_about:entry.reference %}`."""
    return replies.reply_about(plan, [references] if isinstance(references, str) else references)


@register.filter
def site_name(plan: ActionPlan | None) -> str:
    """What titles and previews call the site, also before there is a plan and on error pages: see `reading.titles`."""
    return titles.of_site(plan)


@register.filter
def acknowledgement_of_site(plan: ActionPlan) -> SafeString:
    """The organization's own acknowledgement as HTML, with names in other languages marked as theirs."""
    if not plan.site_acknowledgement:
        return SafeString("")
    phrases = [PhraseEntry(one.text, one.language) for one in plan.phrases.all()]
    # Only languages are added to what is HTML already.
    return SafeString(in_languages(staff_markup.render(plan.site_acknowledgement), phrases))


@register.filter
def status_class(key: str) -> str:
    """The status as the end of a class name and the name of its mark: “on hold” gives “on-hold”, none gives “none”."""
    return status_slug(key)


@register.filter
def language_tag(code: str) -> str:
    """The code of a language as the standard writes it (BCP 47, 2.1.1): `{{ "fr-ca"|language_tag }}` gives fr-CA."""
    language, _, region = code.partition("-")
    return "-".join(filter(None, [language, region.upper()]))


@register.filter
def bar(total: StatusTotal, of: int) -> SafeString:
    """One bar of a chart: `{{ total|bar:29 }}`."""
    return charts.bar(total, of=of)
