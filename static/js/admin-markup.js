// HTML from the clipboard as text: as staff's Markdown subset, or as plain lines.
"use strict";

{
  const BLOCKS = new Set(
    "ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY DD DIV DL DT FIGCAPTION FIGURE FOOTER H1 H2 H3 H4 H5 H6 HEADER LI MAIN OL P PRE SECTION TABLE TBODY TD TFOOT TH THEAD TR UL".split(" "),
  );

  // The text of `body`, whose elements look as `look` says; without `isMarkup` no mark stands in it.
  function asText({ body, look }, { isMarkup }) {
    const blocks = [];
    walk(body, blocks);
    return joined(blocks);

    function walk(node, blocks) {
      let loose = [];
      const flush = () => {
        add(blocks, "", written(loose));
        loose = [];
      };
      for (const child of node.childNodes) {
        const isBlock = child.nodeType === Node.ELEMENT_NODE && (BLOCKS.has(child.tagName) || hasBlocks(child));
        if (!isBlock) {
          pieces(child, {}, loose);
          continue;
        }
        flush();
        const tag = child.tagName;
        if (tag === "UL" || tag === "OL") list(child, blocks, 1);
        else if (tag === "TABLE") table(child, blocks);
        else if (/^H[1-6]$/.test(tag)) add(blocks, isMarkup ? "## " : "", oneLine(written(pieces(child, { isHeading: true }))));
        else if (tag === "BLOCKQUOTE") quotation(child, blocks);
        else if (tag === "P" && isWordItem(child)) wordItem(child, blocks);
        else if (tag === "P" || !hasBlocks(child)) add(blocks, "", written(pieces(child, { isPlain: tag === "PRE" })));
        else walk(child, blocks);
      }
      flush();
    }

    function list(node, blocks, level) {
      let number = Number(node.getAttribute("start")) || 1;
      for (const item of node.children) {
        if (item.tagName === "UL" || item.tagName === "OL") list(item, blocks, level + 1);
        if (item.tagName !== "LI") continue;
        const mark = node.tagName === "OL" ? `${number++}. ` : "- ";
        const nested = [...item.children].filter((one) => one.tagName === "UL" || one.tagName === "OL");
        const words = [];
        for (const one of item.childNodes) if (!nested.includes(one)) pieces(one, {}, words);
        // Word on the web makes a list of each item.
        add(blocks, mark, oneLine(written(words)), Number(item.dataset.ariaLevel) || level);
        for (const inner of nested) list(inner, blocks, level + 1);
      }
    }

    // A row of a table is a line of a list. A table that only lays out a page is left to its cells.
    function table(node, blocks) {
      const rows = [...node.rows].map((row) => [...row.cells].filter((cell) => cell.textContent.trim()));
      if (node.caption) walk(node.caption, blocks);
      if (node.querySelector("table") || rows.every((cells) => cells.length < 2)) {
        for (const cell of rows.flat()) walk(cell, blocks);
        return;
      }
      for (const cells of rows) {
        const words = cells.map((cell) => oneLine(written(pieces(cell, {})))).filter(Boolean);
        add(blocks, "- ", words.reduce((line, one) => `${line}${/[.,;:!?]\W*$/.test(line) ? "" : ";"} ${one}`, "").replace(/^;? /, ""), 1);
      }
    }

    function quotation(node, blocks) {
      const quoted = [];
      walk(node, quoted);
      const text = joined(quoted);
      if (text) add(blocks, "", isMarkup ? text.replace(/^(?=.)/gm, "> ").replace(/^$/gm, ">") : text);
    }

    // Word's lists are paragraphs: the style says so, and an ignored span holds the bullet or the number.
    function isWordItem(node) {
      const list = look(node)["mso-list"];
      return (list !== undefined && list !== "none") || /MsoListParagraph/.test(node.className);
    }

    function wordItem(node, blocks) {
      const marks = [...node.querySelectorAll("span")].filter((one) => look(one)["mso-list"] === "ignore");
      const label = marks.map((one) => one.textContent).join("").trim();
      marks.forEach((one) => one.remove());
      const words = oneLine(written(pieces(node, {}))).replace(/^[·•o§▪–-]\s+/, "");
      const level = Number((/level(\d+)/.exec(look(node)["mso-list"]) || [])[1] || 1);
      const number = /^(\d{1,2})[.)]/.exec(label);
      add(blocks, number ? `${number[1]}. ` : "- ", words, level);
    }

    // The words of `node`, each with how it looks and where it leads.
    function pieces(node, as, found = []) {
      if (node.nodeType === Node.TEXT_NODE) {
        const words = node.data.replace(/[\u200b\u00ad\ufeff]/g, "");
        found.push({ ...as, text: as.isPlain ? words : words.replace(/[\s\u00a0]+/g, " ") });
      }
      if (node.nodeType !== Node.ELEMENT_NODE) return found;
      if (node.tagName === "BR") found.push({ ...as, text: "\n" });
      const inner = { ...as };
      const isBlock = BLOCKS.has(node.tagName);
      if (isBlock) found.push({ text: " " });
      else {
        const said = look(node);
        const weight = said["font-weight"] || (/\bbold\b/.test(said.font) ? "bold" : "");
        const slant = said["font-style"] || (/\bitalic\b/.test(said.font) ? "italic" : "");
        inner.isBold = /^(B|STRONG)$/.test(node.tagName) ? !/^(normal|400)/.test(weight) : weight ? /^(bold|[6-9]00)/.test(weight) : as.isBold;
        inner.isItalic = /^(I|EM)$/.test(node.tagName) ? slant !== "normal" : slant ? /^(italic|oblique)/.test(slant) : as.isItalic;
        const address = node.tagName === "A" ? window.pasted.unwrapped(node.getAttribute("href") || "") : "";
        if (/^(https?:\/\/|mailto:)/i.test(address)) inner.address = address;
      }
      for (const child of node.childNodes) pieces(child, inner, found);
      if (isBlock) found.push({ text: " " });
      return found;
    }

    // Words that look alike get one pair of marks, however many elements they came in.
    function written(found) {
      const runs = [];
      for (const piece of found) {
        const last = runs.at(-1);
        const isSame = last && ["isBold", "isItalic", "address"].every((one) => Boolean(last[one]) === Boolean(piece[one])) && last.address === piece.address;
        if (isSame || (last && !piece.text.trim())) last.text += piece.text;
        else runs.push({ ...piece });
      }
      let text = "";
      runs.forEach((run, index) => {
        const words = window.pasted.withoutWrappers(run.text.trim());
        const marked = isMarkup && words ? withMarks(run, words, text, (runs[index + 1] || { text: "" }).text) : words;
        text += words ? /^\s*/.exec(run.text)[0] + marked + /\s*$/.exec(run.text)[0] : run.text;
      });
      return text.replace(/[ \t]*\n[ \t]*/g, "\n").replace(/ {2,}/g, " ").trim();
    }

    function withMarks({ text, isBold, isItalic, isHeading, address }, words, before, after) {
      let marked = escaped(words);
      if (address && words !== address) {
        const target = address.replace(/[()\s]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
        marked = `[${marked.replace(/([[\]])/g, "\\$1")}](${target})`;
      }
      // Beside a letter, a mark and a sign together would not be read as a mark.
      const isRead =
        !/\*\s*$/.test(before + /^\s*/.exec(text)[0]) &&
        !(/[\p{L}\p{N}]$/u.test(before) && /^[\p{P}\p{S}]/u.test(marked) && !/^\s/.test(text)) &&
        !(/^[\p{L}\p{N}]/u.test(after) && /[\p{P}\p{S}]$/u.test(marked) && !/\s$/.test(text));
      const mark = isRead && !isHeading ? "*".repeat((isBold ? 2 : 0) + (isItalic ? 1 : 0)) : "";
      return mark + marked + mark;
    }
  }

  // An asterisk or a low line before a word would begin emphasis that nobody meant.
  function escaped(words) {
    return words.replace(/https?:\/\/[^\s<>"]+|\*(?=\S)|(?<![\p{L}\p{N}_])_(?=\S)/gu, (one) => (one.length > 1 ? one : `\\${one}`));
  }

  function add(blocks, mark, text, level = 0) {
    if (text) blocks.push({ mark, text, level });
  }

  // What stands beneath an item begins where its words begin.
  function joined(blocks) {
    let text = "";
    let before = null;
    let widths = [];
    for (const block of blocks) {
      widths = widths.slice(0, Math.max(0, block.level - 1));
      if (before) text += block.level && before.level ? "\n" : "\n\n";
      text += " ".repeat(widths.reduce((sum, one) => sum + one, 0)) + block.mark + block.text;
      if (block.level) widths.push(block.mark.length);
      before = block;
    }
    return text;
  }

  function hasBlocks(node) {
    return [...node.querySelectorAll("*")].some((one) => BLOCKS.has(one.tagName));
  }

  function oneLine(text) {
    return text.replace(/\s*\n\s*/g, " ");
  }

  window.pasted.asText = asText;
}
