// Ticking all rows of a list at once.
"use strict";

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-tick-all]")) return;
  for (const box of event.target.closest("[data-ticks]").querySelectorAll('tbody input[type="checkbox"]')) box.checked = event.target.checked;
});
