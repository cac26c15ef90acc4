// Keys of the pages where a reviewer decides or a quiz is answered, and fields that matter for one choice alone.
"use strict";

const quick = document.querySelector("form[data-quick]");

function typing(target) {
  return target.closest("textarea, select, input:not([type=radio], [type=checkbox])");
}

function meant(event) {
  const action = window.loreKeys.action(event);
  return action && document.querySelector(`[data-action="${action}"]`);
}

if (quick) {
  let sent = false; // a second key before the next page is there would answer the same question again
  quick.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => { sent = false; }); // Back brings the page as it was
  document.addEventListener("keydown", (event) => {
    if (sent || event.repeat && !event.key.startsWith("Arrow")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      quick.requestSubmit();
      return;
    }
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    const found = !window.loreKeys.scrolled(event) && meant(event);
    if (!found) return;
    event.preventDefault();
    if (found.matches("textarea, select")) found.focus();
    else found.click();
  });
}

// The choice of pairs decides which of its fields are asked for.
const which = document.querySelector("#campaign-form [name=which]");
function fit() {
  const wanted = which.value;
  for (const field of document.querySelectorAll("[data-when]")) field.hidden = field.dataset.when !== wanted;
}
if (which) {
  which.addEventListener("change", fit);
  fit();
}
