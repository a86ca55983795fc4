// Reads HTML from the clipboard and leaves out what nobody meant to publish: comments, tracked deletions, hidden text, notes, the
// heads of quoted e-mails, and link addresses that name who received them. Each is counted. Insertions stay.
"use strict";

{
  // What holds no words of the text.
  const NEVER = new Set(
    "AUDIO BASE CANVAS DATALIST EMBED HEAD IFRAME IMG LINK META NOSCRIPT O:P OBJECT SCRIPT SELECT STYLE SVG TEMPLATE TEXTAREA TITLE VIDEO XML".split(" "),
  );
  // Word on the desktop and Outlook; Word on the web; LibreOffice; Google Docs; Wikipedia.
  const COMMENT = /^(msocom|msocomment)/i;
  const NOTE = /^(mso(foot|end)note|sd(foot|end)note|footnote-?ref)/i;
  const DELETION = /^(msodel|msomovefrom|trackchange\w*del)/i;
  const TO_COMMENT = /^#(_msocom_|_msoanchor_|cmnt)/i;
  const TO_NOTE = /^#(_ftn|_edn|sdfootnote|sdendnote|ftnt|cite_note)/i;
  const NOTE_BODY = "a[name^='_ftn'], a[name^='_edn'], a[name^='_msocom_'], a[class$='notesym'], a[id^='ftnt'], a[id^='cmnt']";
  const CLEAR = "clear";
  const brush = document.createElement("canvas").getContext("2d");
  // “From: … Sent: … To: …” and “On …, … wrote:”, in English and in French.
  const MAIL_HEAD = /^\W*((Original Message|Message d.origine)\W*)?(From|De)\s?:[^]{3,300}?(Sent|Date|Envoyée?( le)?)\s?:[^]{3,300}?(To|À|Objet|Subject)\s?:/;
  const MAIL_LEAD = /^\s*(On|Le)\s[^]*(@|\d:\d\d)[^]{0,200}\s(wrote|a écrit)\s?:\s*$/;
  const MAIL_PART = /(divRplyFwdMsg|gmail_attr|moz-cite-prefix)$/;

  // `html` as a page without what was left out, how each of its elements looks, how much was left out, by kind, and whether tracked
  // deletions would show at all. `slice` is what Google Docs says of the same text, if the browser passes it on.
  function read(html, slice) {
    const { page, look } = parsed(html);
    const isFromDocs = page.querySelector("[id^='docs-internal-guid']") !== null;
    const isUnsure = (isFromDocs && !markSuggestions(page.body, slice)) || /content="LibreOffice/i.test(html);
    const left = { comment: 0, deletion: 0, hidden: 0, note: 0, mail: 0 };
    const bodies = { comment: 0, note: 0 };
    let last = "";

    // Exported by Google Docs, comments and notes are paragraphs that begin with a link back to the text.
    const back = "a[href^='#cmnt_ref'], a[href^='#ftnt_ref']";
    for (const link of page.querySelectorAll(back)) {
      const wholes = [link.closest("div"), link.closest("p, li")].filter((one) => one && one.querySelectorAll(back).length === 1);
      const whole = wholes.find((one) => one.textContent.trim().startsWith(link.textContent.trim()));
      if (whole) whole.setAttribute("role", TO_COMMENT.test(link.getAttribute("href")) ? "comment" : "doc-footnote");
    }
    for (const table of page.querySelectorAll("table")) hideColumns(table, look);
    // Word, Google Docs and their like write on white paper, with black ink where they name none. Of other pages we don't know.
    const isOnPaper = isFromDocs || /content=["']?(Microsoft (Word|Excel)|LibreOffice)/i.test(html);
    strip(page.body, colours(page.body, look(page.body), isOnPaper ? { ink: "#000000", paper: "#ffffff" } : { ink: "", paper: "" }));
    for (const kind of ["comment", "note"]) left[kind] = Math.max(left[kind], bodies[kind]);
    return { body: page.body, look, left, isUnsure };

    function strip(node, { ink, paper }) {
      for (const child of [...node.childNodes]) {
        if (child.nodeType === Node.TEXT_NODE) {
          if (!child.data.trim()) continue;
          if (ink !== CLEAR && (!ink || ink !== paper)) last = "";
          else remove(child, "hidden");
        } else if (child.nodeType !== Node.ELEMENT_NODE || NEVER.has(child.tagName.toUpperCase())) {
          child.remove();
        } else {
          const kind = kindOf(child, look(child));
          if (!kind) strip(child, colours(child, look(child), { ink, paper }));
          else remove(child, kind);
        }
      }
    }

    function remove(element, kind) {
      element.remove();
      if (!element.textContent.trim()) return;
      if (kind in bodies && /^(DIV|P|LI|SECTION|ASIDE|UL|OL)$/.test(element.tagName)) {
        bodies[kind] += Math.max(1, element.querySelectorAll(NOTE_BODY).length);
      } else if (kind in bodies || kind !== last) {
        // A deletion over several runs or paragraphs is one.
        left[kind] += 1;
      }
      last = kind;
    }
  }

  function kindOf(element, said) {
    const classes = [...element.classList];
    const link = element.tagName === "A" ? element.getAttribute("href") || "" : "";
    const part = said["mso-element"] || "";
    const style = `${element.dataset.ccpCharstyle || ""} ${element.dataset.ccpParastyle || ""}`;
    const role = element.getAttribute("role") || "";
    if (
      classes.some((one) => COMMENT.test(one)) || TO_COMMENT.test(link) || /^comment/.test(part) || role === "comment" ||
      said["mso-special-character"] === "comment" || /annotation (reference|text)/i.test(style)
    ) return "comment";
    if (
      classes.some((one) => NOTE.test(one)) || TO_NOTE.test(link) || /^(foot|end)note/.test(part) || /^doc-(noteref|footnote|endnote)/.test(role) ||
      said["mso-footnote-id"] || said["mso-endnote-id"] || /^sd(foot|end)note\d+$/.test(element.id) || /(foot|end)note (reference|text)/i.test(style)
    ) return "note";
    if (
      /^(DEL|S|STRIKE)$/.test(element.tagName) || role === "deletion" || classes.some((one) => DELETION.test(one)) ||
      /line-through/.test(`${said["text-decoration"]} ${said["text-decoration-line"]}`)
    ) return "deletion";
    if (element.hidden || isHidden(said)) return "hidden";
    if (isMailHead(element, classes)) return "mail";
    return "";
  }

  function isHidden(said) {
    const size = said["font-size"] || (/^0\S*/.exec(said.font) || [])[0];
    const away = [said.left, said.top, said["text-indent"]].some((one) => parseFloat(one) < -500);
    return (
      said.display === "none" || /^(hidden|collapse)$/.test(said.visibility) || /^(all|screen)$/.test(said["mso-hide"]) || said.opacity === "0" ||
      parseFloat(size) <= (/(px|pt)$/.test(size) ? 1 : 0) || away || /^rect\([01](px)?\b/.test(said.clip) ||
      (/^hidden$|^clip$/.test(said.overflow) && (parseFloat(said["max-height"]) === 0 || parseFloat(said.height) === 0))
    );
  }

  // Excel copies hidden columns, too, and says so of the column alone.
  function hideColumns(table, look) {
    const isAway = [...table.querySelectorAll(":scope > colgroup > col")].flatMap((col) => Array(col.span).fill(isHidden(look(col)) || col.width === "0"));
    if (!isAway.includes(true)) return;
    for (const row of table.rows) {
      let at = 0;
      for (const cell of row.cells) {
        const next = at + cell.colSpan;
        cell.hidden = cell.hidden || (at < isAway.length && isAway.slice(at, next).every(Boolean));
        at = next;
      }
    }
  }

  // The colours of what `element` says, and of what is behind it; each empty where nobody says it.
  function colours(element, said, around) {
    const paper = `${said["background-color"] || ""} ${said.background || ""} ${element.getAttribute("bgcolor") || ""}`;
    const named = (paper.match(/#[0-9a-f]+|rgba?\([^)]*\)|[a-z]{3,}/gi) || []).map(colour).find((one) => one && one !== CLEAR);
    return {
      ink: colour(said.color || element.getAttribute("color") || "") || around.ink,
      paper: /url\(|gradient/.test(paper) ? "" : named || around.paper,
    };
  }

  // As #rrggbb, or CLEAR; empty for what is no colour.
  function colour(text) {
    const isColour = CSS.supports("color", text) && !/^(inherit|initial|unset|revert.*|currentcolor|auto)$/i.test(text);
    brush.fillStyle = isColour ? text : "black";
    return isColour ? brush.fillStyle.replace(/^rgba\(.*, 0(\.0+)?\)$/, CLEAR) : "";
  }

  function isMailHead(element, classes) {
    if ([element.id, ...classes].some((one) => MAIL_PART.test(one))) return true;
    if (!/^(P|DIV|FONT|SPAN)$/.test(element.tagName) || element.querySelector("p, div, table, li")) return false;
    const words = element.textContent;
    // What follows an empty line is no longer its head.
    return MAIL_LEAD.test(words) || (MAIL_HEAD.test(words) && !/<br>\s*<br>/i.test(element.innerHTML));
  }

  // The parsed page would apply its styles and handlers, which our policy forbids and reports: they get another name. A tag
  // without an end ends with the text: to look for the end again from each of many would take minutes.
  function parsed(html) {
    let sheets = "";
    const plain = html
      .replace(/<style\b[^>]*>([^]*?)<\/style\s*>/gi, (_whole, sheet) => ((sheets += sheet), ""))
      .replace(/<[a-z](?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^'">])*(?:>|$)/gi, (tag) => tag.replace(/([\s"'/])(style|on\w+)(\s*=)/gi, "$1data-$2$3"));
    const page = new DOMParser().parseFromString(plain, "text/html");
    const rules = new Map();
    // What is so on phones or on paper only is not so here.
    const everywhere = sheets.replace(/<!--|-->|\/\*[^]*?\*\//g, "").replace(/@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/gi, "");
    for (const [, selectors, block] of everywhere.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
      if (!/display|visib|hide|font|opacity|decoration|clip|height|color|background/i.test(block)) continue;
      for (const selector of selectors.split(",")) {
        for (const element of matching(page, selector)) rules.set(element, `${rules.get(element) || ""};${block}`);
      }
    }
    const looks = new Map();
    const look = (element) => {
      if (!looks.has(element)) looks.set(element, declared(`${rules.get(element) || ""};${element.dataset.style || ""}`));
      return looks.get(element);
    };
    return { page, look };
  }

  function matching(page, selector) {
    try {
      return page.querySelectorAll(selector);
    } catch {
      return []; // @list and @page of Word.
    }
  }

  function declared(text) {
    const said = {};
    for (const one of text.toLowerCase().split(";")) {
      const end = one.indexOf(":");
      if (end > 0) said[one.slice(0, end).trim()] = one.slice(end + 1).replace(/!important/, "").trim();
    }
    return said;
  }

  // Google Docs copies what is suggested for deletion like any other text, and tells only in a format of its own which it is: a list
  // that says from which letter on which suggestions hold. False if that can't be told.
  function markSuggestions(body, slice) {
    let words, marks;
    try {
      const { data } = JSON.parse(slice);
      const { resolved } = typeof data === "string" ? JSON.parse(data) : data;
      words = resolved.dsl_spacers;
      marks = resolved.dsl_suggesteddeletions.sgsl_sugg;
    } catch {
      return false;
    }
    let open = false;
    const isDeleted = [...Array(words.length).keys()].map((at) => (open = marks[at] ? marks[at].length > 0 : open));
    if (!isDeleted.includes(true)) return true;
    const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    const found = [];
    let at = 0;
    while (texts.nextNode()) {
      const node = texts.currentNode;
      const deleted = [];
      for (const letter of node.data) {
        const isSpace = !letter.trim();
        // What is no letter in the one may be an element in the other, or nothing.
        while (!isSpace && at < words.length && !words.startsWith(letter, at) && /[\s*\p{Cc}\p{Co}]/u.test(words[at])) at += 1;
        if (!isSpace && !words.startsWith(letter, at)) return false;
        deleted.push(isDeleted[at] === true);
        if (!isSpace || (at < words.length && !words[at].trim())) at += letter.length;
      }
      found.push([node, deleted]);
    }
    for (const [node, deleted] of found) {
      const letters = [...node.data];
      for (let start = 0, end; start < letters.length; start = end) {
        for (end = start + 1; end < letters.length && deleted[end] === deleted[start]; ) end += 1;
        const run = document.createElement(deleted[start] ? "del" : "span");
        run.textContent = letters.slice(start, end).join("");
        node.before(run);
      }
      node.remove();
    }
    return true;
  }

  // Mail programs and Google lead links through addresses of their own, some of which hold the recipient's.
  const WRAPPERS = [
    [/(^|\.)google\.[a-z.]+$/, /^\/url$/, ["q", "url"]],
    [/\.safelinks\.protection\.(outlook|office365)\.\w+$/, /^/, ["url"]],
    [/^(l|lm)\.(facebook|instagram)\.com$/, /^/, ["u"]],
    [/^slack-redir\.net$/, /^/, ["url"]],
    [/^linkprotect\.cudasvc\.com$/, /^/, ["a"]],
  ];

  // Where the address leads in the end.
  function unwrapped(address, times = 5) {
    const inner = times && URL.canParse(address) ? within(new URL(address)) : "";
    return /^(https?:|mailto:)/i.test(inner) ? unwrapped(inner, times - 1) : address;
  }

  function within({ hostname, pathname, searchParams, href }) {
    for (const [host, path, names] of WRAPPERS) {
      if (host.test(hostname) && path.test(pathname)) return names.map((name) => searchParams.get(name)).find(Boolean) || "";
    }
    if (!/^urldefense\.(proofpoint\.)?com$/.test(hostname)) return "";
    if (!pathname.startsWith("/v2/")) return (/\/v3\/__([^*]+?)__;/.exec(href) || [])[1] || "";
    const coded = (searchParams.get("u") || "").replace(/-/g, "%").replace(/_/g, "/");
    try {
      return decodeURIComponent(coded);
    } catch {
      return "";
    }
  }

  function withoutWrappers(text) {
    return text.replace(/https?:\/\/[^\s<>"]+/gi, (address) => unwrapped(address));
  }

  window.pasted = { read, unwrapped, withoutWrappers };
}
