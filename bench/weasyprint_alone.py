"""WeasyPrint by itself on the article of a report: less than that its PDF can't take.

`python -m bench.weasyprint_alone < ARTICLE` prints the seconds of CPU, and the megabytes at the
peak. It is tagged, of the same kind and with the same style sheets, but without what our renderer completes, attaches
and bounds.
"""

import gc
import json
import mimetypes
import resource
import sys
import time

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from recommendations.report.renderer import ORIGIN, STYLESHEETS, bundled_file


class Bundled(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        return URLFetcherResponse(url, bundled_file(url).read_bytes(), {"Content-Type": mimetypes.guess_type(url)[0]})


def seconds_of(article: str) -> float:
    """The CPU that one PDF takes, with fonts and style sheets that were read before, as in the renderer."""
    begun = time.process_time()
    html = f'<!DOCTYPE html><html lang="en"><head><title>Report</title></head><body>{article}</body></html>'
    source = HTML(string=html, base_url=ORIGIN, url_fetcher=Bundled())
    source.write_pdf(font_config=fonts, stylesheets=stylesheets, pdf_variant="pdf/a-3a")
    return time.process_time() - begun


gc.disable()
fonts = FontConfiguration()
stylesheets = [CSS(url=f"{ORIGIN}/css/{name}", font_config=fonts, url_fetcher=Bundled()) for name in STYLESHEETS]
given = sys.stdin.read()
seconds_of("<p>Warm.</p>")
spent = seconds_of(given)
print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
