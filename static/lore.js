// What every page needs: refusals shown where htmx asked, the theme, dialogs, no key lost. No inline scripts anywhere.
"use strict";

// Keys that come too early are held in their order and given to the page later: until its scripts have run, and while an
// answer is awaited that decides what the next key is for. `loreHold(promise)`: they are dropped where it ends in false.
(() => {
  const early = [];
  let holds = 1; // the page's scripts

  function take(event) {
    if (!holds || !event.isTrusted || event.isComposing || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && !(early.length && event.key === "Enter")) return;
    if (!/^(.|Enter|Escape|Backspace|Arrow\w+)$/u.test(event.key) && !(early.length && event.key === "Tab")) return;
    if (event.key === "Escape" && document.querySelector("dialog[open]")) {
      early.length = 0; // what was typed for the dialog goes with it
      return;
    }
    if (!early.length) {
      if (event.target.closest?.("textarea, select, input:not([type=checkbox], [type=radio])")) return;
      if (event.target.closest?.("a, button, summary") && /^(Enter| )$/.test(event.key)) return;
      if (!/^\S$/u.test(event.key) && !document.getElementById("work")) return; // a page that loads can be scrolled
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const { key, code, shiftKey, ctrlKey, metaKey } = event;
    early.push({ key, code, shiftKey, ctrlKey, metaKey });
  }
  function step(place, by) {
    const around = document.querySelector("dialog[open]") || document;
    const stops = [...around.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
      .filter((stop) => stop.tabIndex >= 0 && !stop.disabled && stop.checkVisibility());
    stops[stops.indexOf(place) + by]?.focus();
  }
  function give(key) {
    const place = document.activeElement || document.body; // where the key before it has led
    if (!place.dispatchEvent(new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true }))) return;
    if (key.key === "Tab") step(place, key.shiftKey ? -1 : 1);
    else if (key.key === "Enter" && place.matches("a, button, summary")) place.click();
    else if (key.key === "Enter" && place.matches("input")) place.form?.requestSubmit();
    else if (key.key.length === 1) document.execCommand("insertText", false, key.key); // a field takes it, nothing else does
  }
  function free() {
    holds -= 1;
    while (!holds && early.length) give(early.shift());
  }
  window.loreHold = (promise) => {
    holds += 1;
    promise.then((outcome) => { if (outcome === false) early.length = 0; }).finally(free);
  };
  window.addEventListener("keydown", take, true);
  document.addEventListener("DOMContentLoaded", free);
})();

document.addEventListener("htmx:beforeSwap", (event) => {
  // A refusal is an answer: show its fragment. Without a fragment it becomes a toast.
  const { xhr } = event.detail;
  if (xhr.status >= 400 && xhr.status < 500) event.detail.shouldSwap = true;
});

function toast(text, kind = "bad") {
  const box = document.querySelector(".toasts");
  const note = document.createElement("div");
  note.className = `note note-${kind}`;
  note.textContent = text;
  box.append(note);
  setTimeout(() => note.remove(), 8000);
}
window.loreToast = toast;

document.addEventListener("htmx:sendError", () => toast("The server cannot be reached. What you typed is still here: try again."));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status >= 500) toast("The server failed on that. Nothing was saved: try again, and tell an admin if it stays.");
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target.closest("[data-theme-switch]")) {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("lore-theme", next);
  }
});

// What cannot be taken back is asked about first: the button says by data-confirm what it would do. The question holds the
// form's values itself, for the form may be swapped away while somebody thinks.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.dataset.confirm) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const box = document.createElement("dialog");
  const said = Object.assign(document.createElement("p"), { id: "confirm-said", textContent: button.dataset.confirm });
  const form = document.createElement("form");
  form.className = "row";
  form.method = "post";
  form.setAttribute("action", event.target.getAttribute("action") || "");
  for (const [name, value] of new FormData(event.target, button)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  const yes = Object.assign(document.createElement("button"), { className: "danger", textContent: button.textContent.trim() });
  const no = Object.assign(document.createElement("button"), { type: "button", textContent: "Leave it", autofocus: true });
  no.dataset.close = "";
  form.append(yes, no);
  box.setAttribute("aria-labelledby", said.id);
  box.append(said, form);
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}, true);

const saved = localStorage.getItem("lore-theme");
if (saved) document.documentElement.dataset.theme = saved;

// On a phone the places of a room are one line that scrolls: the open one is in sight.
document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll(".bar nav [aria-current], .places [aria-current]")) {
    const line = place.parentElement;
    line.scrollLeft = place.offsetLeft - line.offsetLeft - (line.clientWidth - place.clientWidth) / 2;
  }
});
