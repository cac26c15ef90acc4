// One key, anywhere: E makes the pair under the focus or the pointer an example of a rule. Shift+E where E means something else.
"use strict";

(() => {
  const address = document.body.dataset.exampleUrl;
  if (!address) return;
  let under = null;

  document.addEventListener("pointerover", (event) => {
    under = event.target.closest?.("[data-pair]") || null;
  });
  function pairNow() {
    const place = document.activeElement?.closest("[data-pair]") || (under?.isConnected ? under : null);
    if (place) return place.dataset.pair;
    const shown = [...document.querySelectorAll("[data-pair]")].filter((element) => element.checkVisibility?.() ?? element.offsetParent);
    return shown.length === 1 ? shown[0].dataset.pair : "";
  }
  function dialog() {
    let found = document.getElementById("example-dialog");
    if (!found) {
      found = document.createElement("dialog");
      found.id = "example-dialog";
      found.setAttribute("aria-labelledby", "example-title");
      found.setAttribute("hx-sync", "this:replace"); // closed and opened for another pair: the newer one counts
      document.body.append(found);
    }
    return found;
  }
  // Open before it is filled: the keys that follow are meant for it, not for the page below.
  async function ask(pair) {
    const box = dialog();
    const title = Object.assign(document.createElement("h2"), { id: "example-title", textContent: "One moment…" });
    box.replaceChildren(title);
    if (!box.open) box.showModal();
    const asked = window.htmx.ajax("GET", `${address}?pair=${encodeURIComponent(pair)}`, { source: box, target: box, swap: "innerHTML" });
    const filled = asked.then(() => !title.isConnected, () => false);
    window.loreHold(filled);
    if (!(await filled) && title.isConnected) box.close(); // it could not be had: the toast says so
  }
  // On the window: after the page's own keys, which say by preventDefault that they took it.
  window.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "e" || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    const pair = pairNow();
    if (!pair) return;
    event.preventDefault();
    ask(pair);
  });
  window.addEventListener("keydown", (event) => {
    if (event.key !== "E" || !event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select") || document.querySelector("dialog[open]")) return;
    const pair = pairNow();
    if (!pair) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(pair);
  }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-example]");
    if (button) ask(button.closest("[data-pair]").dataset.pair);
  });
})();
