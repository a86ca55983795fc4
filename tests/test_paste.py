"""What is pasted comes in without what nobody meant to publish: the clipboards of word processors and mail programs."""

from pathlib import Path

import pytest

from tests.browser import PASSWORD, Person
from tests.factories import make_recommendation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# NAME.html as the program copies it, NAME.txt with the text that should come in and, after a line “--”, what is told.
# Google Docs copies NAME.json besides. CANARY stands in all that must stay out.
CORPUS = sorted(Path("tests/clipboard").glob("*.html"))
DOCS = "application/x-vnd.google-docs-document-slice-clip+wrapped"
GIVE = """(field, {kind, data}) => {
  field.focus();
  const transfer = new DataTransfer();
  for (const [type, text] of Object.entries(data)) transfer.setData(type, text);
  const options = {bubbles: true, cancelable: true};
  const box = field.getBoundingClientRect();
  const event = kind === "paste"
    ? new ClipboardEvent("paste", {...options, clipboardData: transfer})
    : new DragEvent("drop", {...options, dataTransfer: transfer, clientX: box.left + 2, clientY: box.top + 8});
  const isOurs = !field.dispatchEvent(event);
  return new Promise((done) => setTimeout(() => {
    const line = field.nextElementSibling;
    const told = line && line.matches(".left-out[role=status]") ? line.textContent : "";
    done([isOurs, field.value, told]);
  }));
}"""


def give(field, kind="paste", **data):
    """Whether the page took it in place of the browser, the value of the field, and what it told."""
    return field.evaluate(GIVE, {"kind": kind, "data": {type.replace("_", "/"): text for type, text in data.items()}})


def test_what_is_pasted_keeps_its_structure_and_leaves_out_what_is_private(chromium, live_server):
    make_user(username="maria", password=PASSWORD)
    make_recommendation()
    maria = Person(chromium.new_context(), live_server.url)
    maria.sign_in("maria", at="/admin/recommendations/progressupdate/add/?area=1")
    page, found, right = maria.page, {}, {}
    text, note, words = (page.locator(name) for name in ("#id_text", "#id_private_note", "#id_dated_as_published"))
    address = page.locator("#id_evidence_links-0-address")

    for case in CORPUS:
        slice = case.with_suffix(".json")
        data = {
            "text_html": case.read_text(),
            "text_plain": "CANARY-plain",
            DOCS: slice.read_text() if slice.exists() else "",
        }
        text.fill("")
        _is_ours, value, told = give(text, **data)
        found[case.stem] = f"{value}\n--\n{told}\n"
        right[case.stem] = case.with_suffix(".txt").read_text()

    assert len(found) > 12
    assert [name for name, value in found.items() if "CANARY" in value] == []
    assert found == right

    hidden = "<p>Fall <b>2025</b></p><p>or<del> CANARY</del> later</p>"
    wrapped = (
        "https://can01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2F&data=CANARY%40example.org"
    )

    # A page that means ill can't make the tab stand still.
    unended = "<a " * 60_000
    assert page.evaluate("""(html) => {
      const begun = performance.now();
      window.pasted.read(html, "");
      return performance.now() - begun;
    }""", unended) < 2_000  # fmt: skip

    # Undone by the browser's own keys; dropped where the mouse is.
    text.fill("Before. ")
    text.press("End")
    assert give(text, text_html=hidden)[1] == "Before. Fall **2025**\n\nor later"
    text.press("Control+z")
    assert text.input_value() == "Before. "
    assert give(text, "drop", text_html=hidden)[1] == "Fall **2025**\n\nor laterBefore. "
    page.locator(".prose-field__shown strong", has_text="2025").wait_for()

    # Plain fields get plain words, and the browser's own where nothing had to be left out.
    assert give(note, text_html=hidden)[1:] == [
        "Fall 2025\n\nor later",
        "Left out of what you pasted: 1 deleted or crossed-out passage.",
    ]
    assert give(words, text_html=hidden)[1] == "Fall 2025 or later"
    assert give(words, text_html="<p>Fall <b>2025</b></p>", text_plain="Fall 2025")[::2] == [False, ""]
    assert give(text, text_plain="[JO1] as it is")[::2] == [False, ""]
    assert give(address, text_plain=wrapped)[1] == "https://example.org/"
    assert maria.refused == []
