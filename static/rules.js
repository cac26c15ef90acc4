// The rule editor: rows that are added, moved and removed by key, and live answers about what is typed.
"use strict";

const ruleForm = () => document.querySelector("[data-rule-form]");

function ruleChanged() {
  document.getElementById("coverage-page").value = "0";
  document.body.dispatchEvent(new CustomEvent("rule-changed"));
}

let pause;
function changedSoon() {
  clearTimeout(pause);
  pause = setTimeout(ruleChanged, 450);
}

// A condition is checked by itself: the form around it stays at home.
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters } = event.detail;
  if (elt.matches("[data-condition]")) event.detail.parameters = { condition: elt.value };
  else if (elt.matches("[data-alone]")) event.detail.parameters = { [elt.name]: parameters[elt.name] ?? elt.value };
});

function moveRow(row, step) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  const active = document.activeElement;
  if (step < 0) other.before(row);
  else other.after(row);
  active?.focus();
  changedSoon();
}

function addRow(kind) {
  const list = document.querySelector(`[data-rows="${kind}"]`);
  const fresh = document.getElementById(`row-${kind}`).content.firstElementChild.cloneNode(true);
  list.append(fresh);
  window.htmx?.process(fresh);
  fresh.querySelector("textarea").focus();
}

function removeRow(row) {
  const next = row.nextElementSibling || row.previousElementSibling;
  const list = row.parentElement;
  row.remove();
  (next?.querySelector("textarea") || document.querySelector(`[data-add="${list.dataset.rows}"]`)).focus();
  changedSoon();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const row = button.closest("[data-row]");
  if (button.dataset.add) addRow(button.dataset.add);
  else if (row && button.dataset.move) moveRow(row, Number(button.dataset.move));
  else if (row && "remove" in button.dataset) removeRow(row);
  else if (["onlyStep", "onlyWrong", "page"].some((name) => name in button.dataset)) turnPage(button);
  else if (button.dataset.tryPair) tryPair(button.dataset.tryPair);
});

function turnPage(button) {
  if (button.dataset.onlyStep !== undefined) document.getElementById("only-step").value = button.dataset.onlyStep;
  if (button.dataset.onlyWrong !== undefined) document.getElementById("only-wrong").value = button.dataset.onlyWrong;
  document.getElementById("coverage-page").value = button.dataset.page || "0";
  document.body.dispatchEvent(new CustomEvent("rule-page"));
}

function tryPair(id) {
  const form = document.getElementById("try-form");
  document.getElementById("try-pair").value = id;
  form.requestSubmit();
  document.getElementById("h-try").scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (!row || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  moveRow(row, event.key === "ArrowUp" ? -1 : 1);
});

let unsaved = false;
document.addEventListener("input", (event) => {
  if (event.target.closest("#try-form")) {
    document.getElementById("try-pair").value = "";
  } else if (event.target.closest("[data-rule-form]")) {
    unsaved = true;
    changedSoon();
  }
});
document.addEventListener("submit", (event) => {
  if (event.target === ruleForm()) unsaved = false;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
