// Coverage rows: a chosen status ticks its row, an unticked row lets its status go, one choice fills all that are ticked.
"use strict";

for (const coverage of document.querySelectorAll("[data-coverage]")) {
  connect(coverage);
}
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-coverage]").forEach(connect));

function connect(coverage) {
  if (coverage.dataset.connected) return;
  coverage.dataset.connected = "yes";
  const rows = [...coverage.querySelectorAll(".coverage__row")].map((row) => ({
    box: row.querySelector("input"),
    status: row.querySelector("select"),
  }));
  for (const { box, status } of rows) {
    status.addEventListener("change", () => {
      if (status.value) box.checked = true;
    });
    box.addEventListener("change", () => {
      if (!box.checked) status.value = "";
    });
  }
  const all = coverage.querySelector("[data-coverage-all]");
  const choice = all.querySelector("select");
  all.hidden = rows.length < 2;
  choice.addEventListener("change", () => {
    if (!choice.value) return;
    for (const { box, status } of rows) if (box.checked) status.value = choice.value;
    choice.value = "";
  });
}
