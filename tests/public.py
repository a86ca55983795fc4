"""What the public can reach: every address there is, and what each answers."""

import datetime as dt
import io
import re
import zipfile

from recommendations.models import Edition, ProgressUpdate
from recommendations.reading.snapshot import snapshot
from tests.factories import make_plan


def public_addresses():
    """Every address that the public has, of every thing there is."""
    yield from ("/", "/updates/", "/corrections/", "/reports/", "/parties/", "/data/", "/sitemap.xml", "/updates.atom")
    yield "/media/"
    yield from (f"/data/{name}.csv" for name in ("recommendations", "updates", "statuses"))
    yield from ("/data/progress.json", "/data/progress.xlsx", "/statuses/", "/areas/1/", "/areas/1/updates.atom")
    for entry in snapshot(make_plan(), on=dt.date(2020, 7, 3)).recommendations:
        yield from (f"/recommendations/{entry.reference}/", f"/recommendations/{entry.slug}/updates.atom")
    for update in ProgressUpdate.objects.all():
        yield f"/updates/{update.pk}/"
    for edition in Edition.objects.all():
        report = edition.report.get_absolute_url()
        yield from (report, f"{report}report.pdf", f"{report}changes/", edition.get_absolute_url())
        yield from (f"{edition.get_absolute_url()}{name}" for name in ("report.pdf", "snapshot.json"))


def said_in_public(client):
    """What each public address answers, workbooks unpacked."""
    said = {}
    for path in dict.fromkeys(public_addresses()):
        content = client.get(path).content
        if path.endswith("xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                content = b"".join(book.read(name) for name in book.namelist())
        said[path] = content.decode("utf-8", "replace")
    return said


def title_of(response):
    return re.search("<title>(.*?)</title>", response.content.decode(), re.DOTALL)[1]
