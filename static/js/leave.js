// Leaves the site at once, by the links marked data-leave or by Shift pressed three times. Without this script the links
// are ordinary ones. Escape and new tabs are left alone on purpose: both have bitten sites that tried them.

(() => {
  const button = document.querySelector("[data-leave-keys]");
  if (!button) return;

  const ALLOWED_PAUSE = 5000;
  const texts = button.dataset;
  // The Shift keys that are down, and how many presses began since one last ended: before a letter, they are none.
  const held = new Set();
  let begun = 0;
  let presses = 0;
  let timer;
  let cover;

  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  button.after(status);

  const reset = () => {
    clearTimeout(timer);
    presses = 0;
    delete button.dataset.presses;
  };

  const leave = (address) => {
    cover = document.createElement("div");
    cover.className = "leave-cover";
    cover.setAttribute("role", "alert");
    cover.textContent = texts.leaving;
    document.body.append(cover);
    document.documentElement.classList.add("is-leaving");
    location.replace(address);
  };

  for (const link of document.querySelectorAll("[data-leave]")) {
    link.addEventListener("click", (event) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      leave(link.href);
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift" || event.ctrlKey || event.metaKey || event.altKey) {
      begun = 0;
      reset();
      return;
    }
    // While one is down, some systems call the press of the other a repeat, and don't tell that the first was let go.
    if (!event.repeat || !held.has(event.code)) begun += 1;
    held.add(event.code);
  });

  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift") return;
    held.delete(event.code);
    if (!event.shiftKey) held.clear();
    if (!begun) return;
    presses += begun;
    begun = 0;
    clearTimeout(timer);
    if (presses > 2) {
      leave(button.href);
      return;
    }
    button.dataset.presses = presses;
    status.textContent = presses === 1 ? texts.twoMore : texts.oneMore;
    timer = setTimeout(() => {
      reset();
      status.textContent = texts.timedOut;
    }, ALLOWED_PAUSE);
  });

  // Back from the other site may bring this very document back, cover and all.
  window.addEventListener("pageshow", () => {
    cover?.remove();
    document.documentElement.classList.remove("is-leaving");
    status.textContent = "";
    reset();
  });
})();
