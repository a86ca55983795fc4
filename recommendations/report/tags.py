"""Completes the tags and the metadata of a PDF while WeasyPrint writes it, as PDF/UA and PDF/A ask for."""

from collections.abc import Iterator
from functools import cache
from typing import Any

# PDF/A asks for a description of each metadata schema that it doesn't define itself, and PDF/UA's is one.
XMP_OF_PDF_UA = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>part</pdfaProperty:name>
      <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>The part of ISO 14289 that the file conforms to</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


# What keeps room at the foot of a page has no words.
EMPTY = {"td::before", "div::before", "section::before"}
PARTS_OF_TABLES = {"/Table", "/THead", "/TBody", "/TR", "/TD"}
# How the PDF says what `<ol type>` says.
NUMBERINGS = {"1": "/Decimal", "a": "/LowerAlpha", "A": "/UpperAlpha", "i": "/LowerRoman", "I": "/UpperRoman"}


@cache
def complete_tags() -> None:
    """Make WeasyPrint tag what it leaves out: languages, scopes of headings, kinds of lists, where links lead.

    Only while it builds the tags does it know which box of the page an element of the structure comes from, and it has
    no hook there. The function is private, so the lock file pins the version, and tests look at the result.
    """
    from weasyprint.pdf import tags

    build = tags._build_box_tree

    def build_complete(box: Any, parent: Any, pdf: Any, *args: Any) -> Iterator[Any]:
        if box.element_tag in EMPTY or (box.element_tag == "div" and box.element.get("class") == "report-end"):
            return
        if box.element_tag == "img" and parent["S"] == "/Link":
            # WeasyPrint makes a second link of a picture in a link, which its tag may not contain: `finish` removes it.
            box.link_annotation = None
        for element in build(box, parent, pdf, *args):
            if element["S"] == "/LI":
                _take_out_label(element, pdf)
            _complete(element, getattr(box, "_box", box), language=getattr(pdf.catalog.get("Lang"), "string", ""))
            if parent["S"] == "/THead" or not _goes_on(element, box, pdf):
                yield element

    tags._build_box_tree = build_complete


def _goes_on(element: Any, box: Any, pdf: Any) -> bool:
    """Whether `element` is a part of a table that began on a page before; that one then takes in what it holds.

    WeasyPrint tags a table page by page. Read like that, a row that goes on overleaf would be cut in the middle of a
    sentence. Headings that are printed again are left out, as page numbers are.
    """
    if element["S"] not in PARTS_OF_TABLES:
        return False
    begun = vars(pdf).setdefault("begun", {})
    first = begun.setdefault((box.element, element["S"]), element)
    if first is element:
        return False
    if element["S"] != "/THead":
        for kid in element["K"]:
            pdf.objects[int(kid.split()[0])]["P"] = first.reference
        first["K"].extend(element["K"])
    return True


def _complete(element: Any, box: Any, *, language: str) -> None:
    """Add to a structure element what the page says about the source of `box`; `language` is that of the page."""
    import pydyf

    source = box.element
    if source is None or box.element_tag in ("html", "body"):
        return
    kind = element["S"]
    if (own := source.get("lang")) and own != language and kind != "/NonStruct":
        element["Lang"] = pydyf.String(own)
    if kind == "/TH":
        element["A"]["Scope"] = "/Row" if source.get("scope") == "row" else "/Column"
    elif kind == "/L":
        # Lists in our templates have a class and no bullets; lists in the texts of staff have bullets and no class.
        # Those in adopted texts that count have a type.
        bullets = "/None" if source.get("class") else "/Disc"
        numbering = NUMBERINGS[source.get("type", "1")] if source.tag == "ol" else bullets
        element["A"] = pydyf.Dictionary({"O": "/List", "ListNumbering": numbering})
    elif kind == "/Span" and source.get("class") == "points__mark":
        element["S"] = "/Lbl"
    elif kind == "/Figure" and (label := source.get("aria-label")):
        element["Alt"] = pydyf.String(label)
    elif kind == "/Link" and box.link_annotation:
        pictures = (image.get("alt") for image in source.iter("img"))
        words = " ".join([*"".join(source.itertext()).split(), *filter(None, pictures)])
        address = source.get("href") or ""
        if words and not address.startswith("#") and address != words:
            words = f"{words} ({address})"
        box.link_annotation["Contents"] = pydyf.String(words or address)


def _take_out_label(item: Any, pdf: Any) -> None:
    """Let the mark that was typed before a point stand beside what it says, as its label."""
    for body in (pdf.objects[int(kid.split()[0])] for kid in item["K"]):
        within = body
        while within.get("K") and isinstance(within["K"][0], bytes):
            parent, within = within, pdf.objects[int(within["K"][0].split()[0])]
            if within.get("S") == "/Lbl":
                item["K"].insert(0, parent["K"].pop(0))
                within["P"] = body["P"]
                return


def finish(document: Any, pdf: Any) -> None:
    """Add what PDF/UA asks for to a file that WeasyPrint made as PDF/A, and remove what it writes twice."""
    import pydyf

    for thing in pdf.objects:
        if isinstance(thing, dict) and "Annots" in thing:
            tagged = [one for one in thing["Annots"] if "StructParent" in pdf.objects[int(one.split()[0])]]
            thing["Annots"] = pydyf.Array(tagged)
        if isinstance(thing, dict) and thing.get("S") in ("/TH", "/TD"):
            # On each page that a table continues on, its headings have the same ids. Scopes take the place of ids.
            thing.pop("ID", None)
            thing["A"].pop("Headers", None)
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    metadata.stream = [b"".join(metadata.stream).replace(b"</rdf:RDF>", XMP_OF_PDF_UA + b"</rdf:RDF>")]
