// Forms that take a while: once sent, their buttons wait, and a line says what is being done.
"use strict";

document.addEventListener("submit", (event) => {
  const line = event.target.querySelector("[data-busy]");
  if (!line || event.defaultPrevented) return;
  // The form is sent with its button first; a second press would send it again.
  setTimeout(() => setBusy(event.target, line, true));
});

// Somebody who comes back by the browser's button finds the form as it was.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const line of document.querySelectorAll("[data-busy]")) setBusy(line.closest("form"), line, false);
});

function setBusy(form, line, isBusy) {
  for (const button of form.querySelectorAll("[type=submit]")) button.disabled = isBusy;
  line.textContent = isBusy ? line.dataset.busy : "";
  if (!isBusy) return;
  const bar = document.createElement("progress");
  bar.ariaHidden = "true"; // The words beside it say it all.
  line.append(bar);
}
