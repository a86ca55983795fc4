// Passages: a preview beside the text as it is typed, with what is to be checked in it.
"use strict";

// A block of its own: the names of one script are not to replace those of another.
{
  const PAUSE = 400;

  for (const prose of document.querySelectorAll("[data-prose]")) connect(prose);
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-prose]").forEach(connect));
  document.addEventListener("formset:added", (event) => event.target.querySelectorAll("[data-prose]").forEach(connect));

  function connect(prose) {
    const area = prose.querySelector("textarea");
    const button = prose.querySelector("button");
    // Enter in a field presses the form's first button that submits, also a hidden one: that one should save.
    button.type = "button";
    if (prose.dataset.connected || area.name.includes("__prefix__")) return;
    prose.dataset.connected = "yes";
    const pane = prose.querySelector("[data-prose-pane]");
    const shown = prose.querySelector("[data-prose-shown]");
    const found = prose.querySelector("[data-prose-found]");
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
        if (number === asked) show(html);
      } catch {
        // Signed out or offline: the button still works, and nothing that was typed is touched.
        pane.hidden = true;
        button.type = "submit";
        button.hidden = false;
      }
    }

    // What is to be checked follows the text, in a region that screen readers read when it changes, and only then.
    function show(html) {
      shown.innerHTML = html;
      const held = shown.querySelector(":scope > [data-found]");
      held?.remove();
      if (found.innerHTML !== (held ? held.outerHTML : "")) found.replaceChildren(...(held ? [held] : []));
    }

    function soon(event) {
      clearTimeout(waiting);
      pane.hidden = area.value.trim() === "";
      if (!pane.hidden) waiting = setTimeout(preview, event ? PAUSE : 0);
    }

    button.hidden = true;
    area.addEventListener("input", soon);
    soon();
  }
}
