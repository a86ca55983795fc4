// Leaves the site at once, by the links marked data-leave or by Shift pressed three times. Without this script the links
// are ordinary ones. Escape and new tabs are left alone on purpose: both have bitten sites that tried them.

(() => {
  const button = document.querySelector("[data-leave-keys]");
  if (!button) return;

  const ALLOWED_PAUSE = 5000;
  const texts = button.dataset;
  let presses = 0;
  let isAlone = false;
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
    if (event.key === "Shift") {
      isAlone = !event.ctrlKey && !event.metaKey && !event.altKey;
    } else {
      isAlone = false;
      reset();
    }
  });

  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !isAlone) return;
    isAlone = false;
    presses += 1;
    clearTimeout(timer);
    if (presses === 3) {
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
