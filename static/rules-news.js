// What changed in the rules is shown once, over the work, when no word is half typed; Enter takes note of it.
"use strict";

(() => {
  const place = () => document.querySelector("#release-news [data-news]:not([open])");
  function busy() {
    const typing = document.activeElement?.matches("textarea, input:not([type=checkbox], [type=radio]), select");
    return typing || document.querySelector("dialog[open]");
  }
  // Nor in the middle of her keys: an Enter meant for the work would take note of what she has not seen.
  const PAUSE = 600; // milliseconds
  let struck = -PAUSE;
  window.addEventListener("keydown", () => { struck = performance.now(); }, true);
  function show() {
    const dialog = place();
    if (!dialog || busy()) return;
    const left = struck + PAUSE - performance.now();
    if (left > 0) {
      setTimeout(show, left);
      return;
    }
    dialog.showModal();
    dialog.querySelector("[autofocus]").focus();
  }
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "release-news") show();
  });
  document.addEventListener("focusout", () => setTimeout(show, 300));
  document.addEventListener("close", () => setTimeout(show, 300), true);
  // Esc puts it off for this page, it does not take note.
  document.addEventListener("cancel", (event) => {
    if (event.target.matches?.("[data-news]")) event.target.removeAttribute("data-news");
  }, true);
})();
