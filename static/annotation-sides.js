// The side-by-side page's keys: one digit says which list is better. Which list stands where is the server's affair.
"use strict";

(() => {
  const work = window.loreWork;
  if (!work) return;
  const form = () => work.current()?.querySelector("form[data-answer]");
  const give = (button) => work.submit({ left_by: button.value }, [button.lastChild.textContent.trim()]);
  const choices = () => [...(form()?.querySelectorAll('button[name="left_by"]') || [])];

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) {
      work.sharedKey(event);
      return;
    }
    if (event.target.closest("input, textarea, select")) {
      if (event.key === "Escape" || event.key === "Enter") {
        event.preventDefault();
        event.target.blur();
        work.current()?.querySelector(".query-strip")?.focus({ preventScroll: true });
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const chosen = choices()[Number(window.loreKeys.digit(event)) - 1];
    const comments = window.loreKeys.action(event) === "comment" && form();
    if (chosen) give(chosen);
    else if (comments) form().elements.comment.focus();
    if (chosen || comments || work.sharedKey(event)) event.preventDefault();
  });
  document.addEventListener("lore:answer", (event) => {
    if (event.detail?.name === "left_by") give(event.detail);
  });
})();
