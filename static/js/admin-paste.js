// What is pasted or dropped into a field of text comes in without what nobody meant to publish, and the writer is told what was left
// out. Passages in our Markdown keep its structure; elsewhere the browser's own plain text comes in if nothing had to be left out.
"use strict";

{
  const DOCS = "application/x-vnd.google-docs-document-slice-clip+wrapped";

  document.addEventListener("paste", (event) => take(event, event.clipboardData));
  document.addEventListener("drop", (event) => take(event, event.dataTransfer));

  function take(event, data) {
    const field = event.target;
    if (!data || event.defaultPrevented || !isText(field)) return;
    const html = data.getData("text/html");
    const plain = data.getData("text/plain");
    const isMarkup = field.closest("[data-prose]") !== null;
    const found = html ? window.pasted.read(html, data.getData(DOCS)) : null;
    const isLess = found !== null && Object.values(found.left).some(Boolean);
    let text = window.pasted.withoutWrappers(plain);
    if (found && (isMarkup || isLess)) text = window.pasted.asText(found, { isMarkup }) || (isLess ? "" : text);
    tell(field, found);
    if (text === plain) return;
    event.preventDefault();
    if (event.type === "drop") moveCaret(field, event);
    insert(field, field.tagName === "INPUT" ? text.replace(/\s*\n\s*/g, " ") : text);
  }

  function isText(field) {
    if (field.readOnly || field.disabled) return false;
    return field.tagName === "TEXTAREA" || (field.tagName === "INPUT" && /^(text|search|url)$/.test(field.type));
  }

  function moveCaret(field, { clientX, clientY }) {
    field.focus();
    const caret = document.caretPositionFromPoint && document.caretPositionFromPoint(clientX, clientY);
    if (caret && caret.offsetNode === field) field.setSelectionRange(caret.offset, caret.offset);
  }

  function insert(field, text) {
    // The old command alone keeps the browser's undo.
    if (!text || document.execCommand("insertText", false, text)) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // A line below the field, which screen readers say: what was left out, and what we couldn't see.
  function tell(field, found) {
    const words = document.getElementById("left-out");
    let line = field.nextElementSibling;
    if (!line || !line.matches(".left-out")) {
      if (!words || !found) return;
      line = document.createElement("p");
      line.className = "left-out";
      line.setAttribute("role", "status");
      field.after(line);
    }
    const told = found ? sentences(found, words) : "";
    // Screen readers say what changes in a line that was there before.
    setTimeout(() => {
      line.textContent = told;
    });
  }

  function sentences({ left, isUnsure }, words) {
    const language = document.documentElement.lang;
    const rule = new Intl.PluralRules(language);
    const counts = Object.entries(left)
      .filter(([, count]) => count)
      .map(([kind, count]) => {
        const form = rule.select(count) === "one" ? "one" : "more";
        return words.content.querySelector(`[data-form=${form}] [data-kind=${kind}]`).textContent.replace(/\d+/, count);
      });
    const list = new Intl.ListFormat(language, { type: "conjunction" }).format(counts);
    return [counts.length ? `${words.dataset.told} ${list}.` : "", isUnsure ? words.dataset.unsure : ""].filter(Boolean).join(" ");
  }
}
