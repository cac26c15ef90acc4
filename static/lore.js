// What every page needs: refusals shown where htmx asked, the theme, dialogs, rows opened by key. No inline scripts anywhere.
"use strict";

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

const saved = localStorage.getItem("lore-theme");
if (saved) document.documentElement.dataset.theme = saved;
