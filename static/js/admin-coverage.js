// Coverage rows: a chosen status ticks its row, an unticked row goes back to the first choice, which is the status from
// before or none; one tick ticks all, and one choice fills all that are ticked.
// What must be seen before something may be called completed opens where that is chosen.
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
    done: row.querySelector("[data-done]"),
  }));
  function remind({ status, done }) {
    if (done && done.dataset.done.split(";").includes(status.value)) done.open = true;
  }
  for (const row of rows) {
    const { box, status } = row;
    status.addEventListener("change", () => {
      if (status.selectedIndex > 0) box.checked = true;
      remind(row);
    });
    box.addEventListener("change", () => {
      if (!box.checked) status.selectedIndex = 0;
    });
  }
  const all = coverage.querySelector("[data-coverage-all]");
  const whole = all.querySelector("input");
  const choice = all.querySelector("select");
  function countTicked() {
    const ticked = rows.filter(({ box }) => box.checked).length;
    whole.checked = ticked === rows.length;
    whole.indeterminate = ticked > 0 && ticked < rows.length;
  }
  all.hidden = rows.length < 2;
  whole.addEventListener("change", () => {
    const isTicked = whole.checked;
    for (const { box } of rows.filter(({ box }) => box.checked !== isTicked)) {
      box.checked = isTicked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  choice.addEventListener("change", () => {
    if (!choice.value) return;
    for (const row of rows.filter(({ box }) => box.checked)) {
      row.status.value = choice.value;
      remind(row);
    }
    choice.value = "";
  });
  coverage.addEventListener("change", countTicked);
  // What was ticked before a reload or on the way back is there only now.
  addEventListener("pageshow", countTicked);
  countTicked();
}
