"""What WeasyPrint leaves out of a tagged PDF, added while it writes: what PDF/UA asks of a file that is PDF/A too."""

from collections.abc import Iterator
from functools import cache
from typing import Any

# PDF/A wants every schema of the metadata described that it doesn't know itself: that of PDF/UA is one.
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


@cache
def tag_with_care() -> None:
    """Have WeasyPrint tag what it leaves out: languages, scopes of headings, kinds of lists, what links lead to.

    Only while it builds the tags are boxes of the page and elements of the structure known together, and it offers no
    hook there. The function is private: the lock pins its version, and the tests look at what comes out.
    """
    from weasyprint.pdf import tags

    build = tags._build_box_tree

    def build_with_care(box: Any, parent: Any, pdf: Any, *args: Any) -> Iterator[Any]:
        if box.element_tag == "img" and parent["S"] == "/Link":
            # A picture in a link is a link once more, which a picture's tag may not hold: `finish` takes it away.
            box.link_annotation = None
        for element in build(box, parent, pdf, *args):
            _complete(element, getattr(box, "_box", box), language=getattr(pdf.catalog.get("Lang"), "string", ""))
            yield element

    tags._build_box_tree = build_with_care


def _complete(element: Any, box: Any, *, language: str) -> None:
    """Add to a structure element what the element of the page says that `box` was made of; `language` is the page's."""
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
        # The templates' own lists have a class and no marks; staff's have neither class nor lack of marks.
        numbering = "/Decimal" if source.tag == "ol" else "/None" if source.get("class") else "/Disc"
        element["A"] = pydyf.Dictionary({"O": "/List", "ListNumbering": numbering})
    elif kind == "/Figure" and (label := source.get("aria-label")):
        element["Alt"] = pydyf.String(label)
    elif kind == "/Link" and box.link_annotation:
        pictures = (image.get("alt") for image in source.iter("img"))
        words = " ".join([*"".join(source.itertext()).split(), *filter(None, pictures)])
        address = source.get("href") or ""
        if words and not address.startswith("#") and address != words:
            words = f"{words} ({address})"
        box.link_annotation["Contents"] = pydyf.String(words or address)


def finish(document: Any, pdf: Any) -> None:
    """What PDF/UA asks of a file that WeasyPrint made as PDF/A, and what it writes twice."""
    import pydyf

    for thing in pdf.objects:
        if isinstance(thing, dict) and "Annots" in thing:
            tagged = [one for one in thing["Annots"] if "StructParent" in pdf.objects[int(one.split()[0])]]
            thing["Annots"] = pydyf.Array(tagged)
        if isinstance(thing, dict) and thing.get("S") in ("/TH", "/TD"):
            # A table that goes on overleaf is another one there, with headings of the same ids: scopes do instead.
            thing.pop("ID", None)
            thing["A"].pop("Headers", None)
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    metadata.stream = [b"".join(metadata.stream).replace(b"</rdf:RDF>", XMP_OF_PDF_UA + b"</rdf:RDF>")]
