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

function keepExample(button) {
  addRow("example");
  const row = document.querySelector('[data-rows="example"]').lastElementChild;
  const { keep, query, item, grade, dimension } = button.dataset;
  const values = { pair: keep, query, item, grade, dimension };
  Object.entries(values).forEach(([name, value]) => { row.querySelector(`[name=example_${name}]`).value = value; });
  row.querySelector("[name=example_grade]").focus();
  row.scrollIntoView({ block: "nearest" });
  unsaved = true;
  changedSoon();
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
  else if (button.dataset.keep !== undefined) keepExample(button);
  else if (button.dataset.edits) applyEdits(JSON.parse(button.dataset.edits));
  else if (button.dataset.place) showPlace(button.dataset);
  else if (button.dataset.insert) insertField(button.dataset.insert);
  else if (button.dataset.tryPair) tryPair(button.dataset.tryPair);
});

// Lint counts the rows that will be saved: those with something in them.
function rowsOf(kind) {
  const filled = kind === "step" ? ["step_when"] : ["example_query", "example_item"];
  const rows = [...document.querySelectorAll(`[data-rows="${kind}"] > [data-row]`)];
  return rows.filter((row) => filled.some((name) => row.querySelector(`[name=${name}]`).value.trim()));
}

function controlAt(place) {
  const [part, number, name] = place.split(".");
  if (number === undefined) return ruleForm().elements[part] ?? null;
  const kind = part === "ladder" ? "step" : "example";
  const row = rowsOf(kind)[Number(number) - 1];
  return row?.querySelector(`[name=${kind}_${name || (kind === "step" ? "when" : "query")}]`) ?? null;
}

// A mend: whole new texts for places of the form; null takes a row out. Rows are counted as they stand before it.
function applyEdits(edits) {
  const todo = edits.map(([place, value]) => [controlAt(place), value]);
  const changed = todo.filter(([control]) => control);
  changed.forEach(([control, value]) => {
    if (value === null) control.closest("[data-row]").remove();
    else setControl(control, value);
  });
  const first = changed.find(([control]) => control.isConnected)?.[0] ?? document.querySelector('[name="step_when"]');
  first?.focus();
  unsaved = true;
  ruleChanged();
}

function setControl(control, value) {
  if (control.tagName === "SELECT" && ![...control.options].some((option) => option.value === value)) control.add(new Option(value, value));
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
}

function showPlace({ place, line, column, start, end }) {
  const control = controlAt(place);
  if (!control) return;
  control.scrollIntoView({ block: "center" });
  control.focus();
  if (control.tagName === "SELECT") return;
  if (Number(start) >= 0 && place in ruleForm().elements) control.setSelectionRange(Number(start), Number(end));
  else if (Number(line) > 0) {
    const before = control.value.split("\n").slice(0, Number(line) - 1).reduce((sum, text) => sum + text.length + 1, 0);
    const at = before + Number(column) - 1;
    control.setSelectionRange(at, at + (/^[\w.%]+|^["'][^"']*["']/.exec(control.value.slice(at))?.[0].length ?? 1));
  }
}

// A link from the lint page names the place: #at=ladder.2.when,1,14,-1,-1
document.addEventListener("DOMContentLoaded", () => {
  const named = /^#at=([\w.]+),(\d+),(\d+),(-?\d+),(-?\d+)$/.exec(location.hash);
  if (named && ruleForm()) showPlace({ place: named[1], line: named[2], column: named[3], start: named[4], end: named[5] });
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

// Completion: field names after `query.` and `item.`, values inside quotes after a comparison, from the fields panel.
let lastCondition = null;
let suggest = null; // {area, list, from, at}

function offers(area) {
  const before = area.value.slice(0, area.selectionStart);
  const value = before.match(/\b((?:query|item)\.\w+)\s*(?:==|!=)\s*"([^"\n]*)$/);
  if (value) {
    const button = document.querySelector(`[data-insert="${CSS.escape(value[1])}"]`);
    const found = (button?.dataset.values || "").split("\n").filter(Boolean);
    return { typed: value[2], found: found.map((text) => [text, `${text}"`]) };
  }
  const name = before.match(/\b(?:query|item)\.\w*$|\b(?:q|qu|que|quer|query|i|it|ite|item)$/);
  if (!name) return null;
  const names = [...document.querySelectorAll("[data-insert]")].map((button) => button.dataset.insert);
  return { typed: name[0], found: names.map((text) => [text, text]) };
}

function closeSuggest() {
  suggest?.list.remove();
  suggest?.area.removeAttribute("aria-activedescendant");
  suggest = null;
}

function openSuggest(area) {
  closeSuggest();
  const offer = offers(area);
  const typed = offer?.typed.toLowerCase() ?? "";
  const found = (offer?.found || []).filter(([text]) => text.toLowerCase().startsWith(typed) && text !== offer.typed).slice(0, 8);
  if (!found.length) return;
  const list = document.createElement("ul");
  list.className = "rules-suggest";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Completions");
  found.forEach(([text, insert], number) => {
    const row = document.createElement("li");
    Object.assign(row, { textContent: text, id: `suggest-${number}` });
    row.setAttribute("role", "option");
    row.dataset.text = insert;
    list.append(row);
  });
  area.after(list);
  suggest = { area, list, from: area.selectionStart - offer.typed.length, at: 0 };
  markSuggest(0);
}

function markSuggest(step) {
  const rows = [...suggest.list.children];
  suggest.at = (suggest.at + step + rows.length) % rows.length;
  rows.forEach((row, number) => row.setAttribute("aria-selected", String(number === suggest.at)));
  suggest.area.setAttribute("aria-activedescendant", `suggest-${suggest.at}`);
}

function takeSuggest(text) {
  const { area, from } = suggest;
  closeSuggest();
  area.setRangeText(text, from, area.selectionStart, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  closeSuggest();
}

document.addEventListener("keydown", (event) => {
  if (!suggest || event.target !== suggest.area || event.altKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") markSuggest(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" || event.key === "Tab") takeSuggest(suggest.list.children[suggest.at].dataset.text);
  else if (event.key === "Escape") closeSuggest();
  else return;
  event.preventDefault();
});
document.addEventListener("mousedown", (event) => {
  const row = event.target.closest(".rules-suggest li");
  if (!row) return;
  event.preventDefault();
  takeSuggest(row.dataset.text);
});
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-condition]")) lastCondition = event.target;
  if (suggest && event.target !== suggest.area) closeSuggest();
});
document.addEventListener("focusout", (event) => {
  if (suggest && event.target === suggest.area) closeSuggest();
});

function insertField(name) {
  const area = lastCondition || document.getElementById("f-scope");
  area.setRangeText(name, area.selectionStart, area.selectionEnd, "end");
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
  closeSuggest();
}

let unsaved = false;
document.addEventListener("input", (event) => {
  if (event.target.closest("#try-form")) {
    document.getElementById("try-pair").value = "";
  } else if (event.target.closest("[data-rule-form]")) {
    if (event.target.matches("[data-condition]")) openSuggest(event.target);
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
