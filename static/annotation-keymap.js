// The page of one's own keys: a field takes the key that is pressed in it, and says at once where another has it already.
"use strict";

(() => {
  const form = document.querySelector("[data-keymap]");
  if (!form) return;

  function check(group) {
    const fields = [...group.querySelectorAll("input")];
    for (const field of fields) {
      const other = fields.find((candidate) => candidate !== field && field.value && candidate.value === field.value);
      const name = other && group.querySelector(`label[for="${other.id}"]`).textContent;
      field.setCustomValidity(other ? `“${field.value}” is also “${name}”.` : "");
      field.toggleAttribute("aria-invalid", Boolean(other));
      if (other) field.setAttribute("aria-invalid", "true");
    }
  }
  form.addEventListener("keydown", (event) => {
    const field = event.target.closest(".key-row input");
    if (!field || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === " ") return;
    event.preventDefault();
    field.value = event.key.toLowerCase();
    check(field.closest("fieldset"));
    field.select();
  });
  form.addEventListener("focusin", (event) => event.target.closest(".key-row input")?.select());
  form.addEventListener("input", (event) => check(event.target.closest("fieldset")));
})();
