// Copies the text that a button marked data-copy names. Without this script, or where the browser lets no page copy, the
// button isn't there, and the text can be selected.

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    const status = document.createElement("span");
    status.className = "cite-copy__status";
    status.setAttribute("role", "status");
    button.after(status);
    button.hidden = false;
    button.addEventListener("click", async () => {
      const words = document.getElementById(button.dataset.copy).textContent.replace(/\s+/g, " ").trim();
      status.textContent = "";
      try {
        await navigator.clipboard.writeText(words);
        status.textContent = button.dataset.copied;
      } catch {
        status.textContent = button.dataset.failed;
      }
    });
  }
}
