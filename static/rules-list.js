// The list of rules: choose all on the page, and a change only where something is chosen.
"use strict";

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-all]")) return;
  for (const box of event.target.closest("form").querySelectorAll('input[name="rule"], [data-all]')) box.checked = event.target.checked;
});
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-bulk]");
  if (!form || form.querySelector('input[name="rule"]:checked')) return;
  event.preventDefault();
  window.loreToast("Choose the rules first.", "warn");
});
