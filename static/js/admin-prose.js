// Passages: a preview beside the text as it is typed, and the structure of what is pasted from Word kept as markup.
"use strict";

// A block of its own: the names of one script are not to replace those of another.
{
  const PAUSE = 400;

  for (const prose of document.querySelectorAll("[data-prose]")) connect(prose);
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-prose]").forEach(connect));
  document.addEventListener("formset:added", (event) => event.target.querySelectorAll("[data-prose]").forEach(connect));

  function connect(prose) {
    const area = prose.querySelector("textarea");
    if (prose.dataset.connected || area.name.includes("__prefix__")) return;
    prose.dataset.connected = "yes";
    const pane = prose.querySelector("[data-prose-pane]");
    const shown = prose.querySelector("[data-prose-shown]");
    const button = prose.querySelector("button");
    let waiting = 0;
    let asked = 0;

    async function preview() {
      const number = ++asked;
      const token = area.form.querySelector("[name=csrfmiddlewaretoken]").value;
      const body = new URLSearchParams({ text: area.value, fragment: "1" });
      try {
        const answer = await fetch(button.formAction, { method: "POST", body, headers: { "X-CSRFToken": token } });
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        const html = await answer.text();
        // Made by the server's sanitiser, as readers will get it.
        if (number === asked) shown.innerHTML = html;
      } catch {
        // Signed out or offline: the button still works, and nothing that was typed is touched.
        pane.hidden = true;
        button.hidden = false;
      }
    }

    function soon(event) {
      clearTimeout(waiting);
      pane.hidden = area.value.trim() === "";
      if (!pane.hidden) waiting = setTimeout(preview, event ? PAUSE : 0);
    }

    button.hidden = true;
    area.addEventListener("input", soon);
    area.addEventListener("paste", paste);
    soon();
  }

  function paste(event) {
    const html = event.clipboardData && event.clipboardData.getData("text/html");
    if (!html) return;
    const text = asMarkup(html);
    if (!text) return;
    event.preventDefault();
    const area = event.target;
    // The old command alone keeps the browser's undo.
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  // HTML as Word, browsers and mail programs put it on the clipboard, to paragraphs, lists, emphasis and links.
  function asMarkup(html) {
    // The parsed page would apply its styles, which our policy forbids and reports: read them under another name.
    const plain = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\sstyle\s*=/gi, " data-style=");
    const page = new DOMParser().parseFromString(plain, "text/html");
    const blocks = [];
    walk(page.body, blocks, 0);
    return joined(blocks);
  }

  function joined(blocks) {
    let text = "";
    let before = null;
    for (const block of blocks) {
      if (!block.text) continue;
      if (before) text += block.item && before.item ? "\n" : "\n\n";
      text += block.text;
      before = block;
    }
    return text;
  }

  const BLOCKS = new Set(["P", "DIV", "H1", "H2", "H3", "H4", "H5", "H6", "UL", "OL", "LI", "TABLE", "TBODY", "TR", "TD", "TH", "SECTION", "ARTICLE", "BLOCKQUOTE", "BODY"]);
  const SKIPPED = new Set(["STYLE", "SCRIPT", "META", "LINK", "TITLE", "HEAD", "O:P", "IMG", "SVG"]);

  function walk(node, blocks, depth) {
    let loose = [];
    const flush = () => {
      const text = tidy(loose.join(""));
      if (text) blocks.push({ text, item: false });
      loose = [];
    };
    for (const child of node.childNodes) {
      if (child.nodeType === Node.ELEMENT_NODE && SKIPPED.has(child.tagName)) continue;
      const isBlock = child.nodeType === Node.ELEMENT_NODE && (BLOCKS.has(child.tagName) || hasBlocks(child));
      if (!isBlock) {
        loose.push(inline(child));
        continue;
      }
      flush();
      if (child.tagName === "UL" || child.tagName === "OL") list(child, blocks, depth);
      else if (/^H[1-6]$/.test(child.tagName)) push(blocks, "## ", child);
      else if (child.tagName === "BLOCKQUOTE") quotation(child, blocks);
      else if (child.tagName === "P" && isWordItem(child)) wordItem(child, blocks);
      else if (child.tagName === "P" || !hasBlocks(child)) push(blocks, "", child);
      else walk(child, blocks, depth);
    }
    flush();
  }

  function hasBlocks(node) {
    return [...node.querySelectorAll("*")].some((one) => BLOCKS.has(one.tagName));
  }

  function push(blocks, mark, node) {
    const text = tidy(inline(node));
    if (text) blocks.push({ text: mark + (mark ? text.replace(/\n/g, " ") : text), item: false });
  }

  function list(node, blocks, depth) {
    let number = Number(node.getAttribute("start")) || 1;
    for (const item of node.children) {
      if (item.tagName !== "LI") {
        if (item.tagName === "UL" || item.tagName === "OL") list(item, blocks, depth + 1);
        continue;
      }
      const mark = node.tagName === "OL" ? `${number++}. ` : "- ";
      const nested = [...item.children].filter((one) => one.tagName === "UL" || one.tagName === "OL");
      const words = [...item.childNodes].filter((one) => !nested.includes(one)).map((one) => inline(one)).join(" ");
      blocks.push({ text: "  ".repeat(depth) + mark + tidy(words).replace(/\s*\n\s*/g, " "), item: true });
      for (const inner of nested) list(inner, blocks, depth + 1);
    }
  }

  function quotation(node, blocks) {
    const quoted = [];
    walk(node, quoted, 0);
    const text = joined(quoted);
    if (text) blocks.push({ text: text.replace(/^(?=.)/gm, "> ").replace(/^$/gm, ">"), item: false });
  }

  // Word's lists are paragraphs: the style says so, and an ignored span holds the bullet or the number.
  function isWordItem(node) {
    return /mso-list:(?!\s*none)/i.test(node.getAttribute("data-style") || "") || /MsoListParagraph/.test(node.className);
  }

  function wordItem(node, blocks) {
    const marks = [...node.querySelectorAll("span")].filter((one) => /mso-list:\s*Ignore/i.test(one.getAttribute("data-style") || ""));
    const label = tidy(marks.map((one) => one.textContent).join(""));
    marks.forEach((one) => one.remove());
    const words = tidy(inline(node)).replace(/^[·•o§▪–-]\s+/, "").replace(/\s*\n\s*/g, " ");
    const level = Number((/level(\d+)/.exec(node.getAttribute("data-style") || "") || [])[1] || 1);
    const number = /^(\d{1,2})[.)]/.exec(label);
    if (words) blocks.push({ text: "  ".repeat(level - 1) + (number ? `${number[1]}. ` : "- ") + words, item: true });
  }

  function inline(node) {
    // An asterisk before a word would begin emphasis that nobody meant.
    if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/[\s\u00a0]+/g, " ").replace(/\*(?=\S)/g, "\\*");
    if (node.nodeType !== Node.ELEMENT_NODE || SKIPPED.has(node.tagName)) return "";
    if (node.tagName === "BR") return "\n";
    const words = [...node.childNodes].map(inline).join("");
    const address = node.tagName === "A" ? node.getAttribute("href") || "" : "";
    if (/^(https?:\/\/|mailto:)/i.test(address) && words.trim()) {
      const label = words.trim();
      if (label === address) return words;
      return around(words, `[${label.replace(/([[\]])/g, "\\$1")}](${address.replace(/[()\s]/g, (one) => `%${one.charCodeAt(0).toString(16)}`)})`);
    }
    const style = node.getAttribute("data-style") || "";
    const isBold = /^(B|STRONG)$/.test(node.tagName) && !/font-weight:\s*(normal|400)/i.test(style);
    if (words.trim() && isBold) return around(words, `**${words.trim()}**`);
    if (words.trim() && /^(I|EM)$/.test(node.tagName)) return around(words, `*${words.trim()}*`);
    return words;
  }

  function around(words, inner) {
    return /^\s*/.exec(words)[0] + inner + /\s*$/.exec(words)[0];
  }

  function tidy(text) {
    return text.replace(/[ \t]*\n[ \t]*/g, "\n").replace(/ {2,}/g, " ").trim();
  }
}
