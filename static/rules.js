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

// E on a pair beside the form: into the form, not into a version of its own that the form would then clash with.
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "e" || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.matches?.("input, textarea, select")) return;
  const row = event.target.closest?.("[data-pair]") || document.querySelector("[data-pair]:hover");
  if (!row?.querySelector("[data-try-pair]") || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  event.stopPropagation();
  const trial = document.getElementById("live-trial");
  trial.addEventListener("htmx:afterSwap", () => { const keep = trial.querySelector("[data-keep]"); if (keep) keepExample(keep); }, { once: true });
  tryPair(row.dataset.pair);
});

function removeRow(row) {
  const next = row.nextElementSibling || row.previousElementSibling;
  const list = row.parentElement;
  const kind = list.dataset.rows;
  undoKeep(`${kind} ${[...list.children].indexOf(row) + 1} taken out`, [undoOfRow(row)]);
  row.remove();
  (next?.querySelector("textarea") || document.querySelector(`[data-add="${kind}"]`)).focus();
  changedSoon();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const row = button.closest("[data-row]");
  if (button.dataset.add) addRow(button.dataset.add);
  else if (row && button.dataset.move) moveRow(row, Number(button.dataset.move));
  else if (row && "remove" in button.dataset) removeRow(row);
  else if (["onlyStep", "onlyWrong", "side", "page"].some((name) => name in button.dataset)) turnPage(button);
  else if (button.dataset.keep !== undefined) keepExample(button);
  else if (button.dataset.edits) applyEdits(JSON.parse(button.dataset.edits), button.textContent);
  else if (button.dataset.at || button.dataset.whole !== undefined) answerCondition(button);
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
function applyEdits(edits, said) {
  const todo = edits.map(([place, value]) => [controlAt(place), value]);
  const changed = todo.filter(([control]) => control);
  undoKeep(said, changed.map(([control, value]) => value === null ? undoOfRow(control.closest("[data-row]")) : undoOfControl(control, value)));
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
  else if (Number(line) > 0) selectAt(control, Number(line), Number(column));
}

// The word, number or text in quotes that begins at a line and column, counted from 1.
function selectAt(control, line, column) {
  const before = control.value.split("\n").slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const at = before + column - 1;
  control.setSelectionRange(at, at + (/^[\w.%]+|^["'][^"']*["']/.exec(control.value.slice(at))?.[0].length ?? 1));
}

// Beneath a condition: to the place that is spoken of, and a mend of the whole text.
function answerCondition(button) {
  const area = button.closest(".rules-condition").querySelector("[data-condition]");
  area.focus();
  if (button.dataset.whole !== undefined) {
    undoKeep(button.textContent, [undoOfControl(area, button.dataset.whole)]);
    setControl(area, button.dataset.whole);
  }
  else selectAt(area, ...button.dataset.at.split(",").map(Number));
  closeSuggest();
}

// A link from the lint page names the place: #at=ladder.2.when,1,14,-1,-1
document.addEventListener("DOMContentLoaded", () => {
  const named = /^#at=([\w.]+),(\d+),(\d+),(-?\d+),(-?\d+)$/.exec(location.hash);
  if (named && ruleForm()) showPlace({ place: named[1], line: named[2], column: named[3], start: named[4], end: named[5] });
});

function turnPage(button) {
  if (button.dataset.onlyStep !== undefined) document.getElementById("only-step").value = button.dataset.onlyStep;
  if (button.dataset.onlyWrong !== undefined) document.getElementById("only-wrong").value = button.dataset.onlyWrong;
  document.getElementById("only-side").value = button.dataset.page ? document.getElementById("only-side").value : button.dataset.side || "";
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

// Completion from the corpus: field names after `query.` and `item.`, functions by name, and inside quotes values, whether
// compared, listed or searched for, tables where a function asks one, and their families and words. Opens while typing or by
// Ctrl+Space; arrows choose, Enter or Tab takes, Escape closes.
let lastCondition = null;
let suggest = null; // {area, list, from, at}
let asked = 0;

const VALUE = /\b((?:query|item)\.\w+)\s*(?:(?:==|!=)\s*|in\s*\[(?:\s*"[^"\n]*"\s*,)*\s*|,\s*\[?(?:\s*"[^"\n]*"\s*,)*\s*)$/;
const FAMILY = /\b(?:kind_of|families_in)\([^()]*"([^"\n]+)"\)\s*(?:(?:==|!=)\s*|in\s*\[(?:\s*"[^"\n]*"\s*,)*\s*)$/;
const FAMILY_AFTER = /^[^"\n]*"?\s*in\s+families_in\([^()]*"([^"\n]+)"\)/;
const NAME = /\b(?:query|item)\.\w*$/;
const WORD = /(?<![.\w"])[a-z_]\w*$/i;

function offers(area, forced) {
  const before = area.value.slice(0, area.selectionStart);
  if ((before.match(/"/g) || []).length % 2) {
    const open = before.lastIndexOf('"');
    return offersQuoted(before.slice(0, open), before.slice(open + 1), area.value.slice(area.selectionStart));
  }
  const names = [...document.querySelectorAll("[data-insert]")].map(({ dataset }) => [dataset.insert, dataset.insert, ""]);
  const name = NAME.exec(before);
  if (name) return { typed: name[0], found: names };
  const word = WORD.exec(before);
  if (!forced && !(word?.[0].length > 1)) return null;
  const functions = [...document.querySelectorAll("[data-function]")].map((row) => callOf(row.dataset.function, row.textContent));
  return { typed: word?.[0] ?? "", found: [...names, ...functions] };
}

// What may stand in quotes after `head`; `ask` is what to ask the site for what the panel does not hold.
function offersQuoted(head, typed, after) {
  const call = callAround(head);
  const row = call && document.querySelector(`[data-function="${CSS.escape(call.name)}"]`);
  if (row && Number(row.dataset.tableAt) === call.at) {
    const tables = [...document.querySelectorAll("[data-table]")];
    return { typed, found: tables.map(({ dataset }) => [dataset.table, `${dataset.table}"`, ""]) };
  }
  if (call?.name === "amounts") return { typed, found: [], ask: { table: "units", of: "words" } };
  const family = FAMILY.exec(head) ?? FAMILY_AFTER.exec(after);
  if (family) return { typed, found: [], ask: { table: family[1], of: "families" } };
  const value = VALUE.exec(head);
  return value && { typed, found: panelValues(value[1]).map((text) => [text, `${text}"`, ""]), ask: { field: value[1] } };
}

// The innermost call that is open at the end of a text, and the place of the argument there.
function callAround(text) {
  const open = [];
  let name = "";
  for (const [part] of text.matchAll(/"[^"\n]*"|'[^'\n]*'|\w+|[^\w]/g)) {
    if (part === "(" || part === "[") open.push({ name, at: 0 });
    else if (part === ")" || part === "]") open.pop();
    else if (part === "," && open.length) open[open.length - 1].at += 1;
    name = /^\w/.test(part) ? part : "";
  }
  return open[open.length - 1] ?? null;
}

// `contains` follows a text and a dot; everything else stands before its bracket.
function callOf(name, said) {
  return said.includes(`.${name}(`) ? [said.split(" ")[0], `.${name}(`, said] : [name, `${name}(`, said];
}

function panelValues(field) {
  const button = document.querySelector(`[data-insert="${CSS.escape(field)}"]`);
  return (button?.dataset.values || "").split("\n").filter(Boolean);
}

function closeSuggest() {
  asked += 1; // an answer that is still on its way comes too late: it must not open the list again
  suggest?.list.remove();
  suggest?.area.removeAttribute("aria-activedescendant");
  suggest?.area.removeAttribute("aria-controls");
  suggest = null;
}

// Three letters find a name inside as well; of a field, after its side: item.colo finds item.cable_colour.
function holds(text, typed) {
  const dot = typed.indexOf(".") + 1;
  return typed.length - dot > 2 && text.startsWith(typed.slice(0, dot)) && text.slice(dot).includes(typed.slice(dot));
}

function openSuggest(area, forced = false) {
  const offer = offers(area, forced);
  if (!offer) return closeSuggest();
  const typed = offer.typed.toLowerCase();
  const others = offer.found.filter(([text]) => text !== offer.typed).map((row) => [row, row[0].toLowerCase()]);
  const begins = others.filter(([, text]) => text.startsWith(typed));
  const fits = [...begins, ...others.filter(([, text]) => !text.startsWith(typed) && holds(text, typed))].map(([row]) => row).slice(0, 8);
  showSuggest(area, offer, fits);
  if (offer.ask && fits.length < 8) askValues(area, offer, fits, asked);
}

// A field may carry more values than the panel holds, and a table its words: the rest is asked for.
async function askValues(area, offer, fits, turn) {
  const url = document.querySelector("[data-values-url]")?.dataset.valuesUrl;
  if (!url) return;
  const answer = await fetch(`${url}?${new URLSearchParams({ ...offer.ask, text: offer.typed })}`);
  if (!answer.ok || turn !== asked || document.activeElement !== area) return;
  const known = new Set(fits.map(([text]) => text));
  const more = (await answer.json()).values.filter((text) => !known.has(text) && text !== offer.typed);
  if (turn === asked && more.length) showSuggest(area, offer, [...fits, ...more.map((text) => [text, `${text}"`, ""])].slice(0, 8), suggest?.at);
}

function showSuggest(area, offer, found, at = 0) {
  closeSuggest();
  if (!found.length) return;
  const list = document.createElement("ul");
  Object.assign(list, { className: "rules-suggest", id: "suggest-list" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Completions");
  found.forEach(([text, insert, said], number) => {
    const row = document.createElement("li");
    Object.assign(row, { textContent: said || text, id: `suggest-${number}` });
    row.setAttribute("role", "option");
    row.dataset.text = insert;
    list.append(row);
  });
  area.after(list);
  area.setAttribute("aria-controls", list.id);
  suggest = { area, list, from: area.selectionStart - offer.typed.length, at };
  markSuggest(0);
  sayCompletions(found.length);
}

// Said aloud as well: a text area cannot tell that a list has opened under it.
function sayCompletions(count) {
  const said = document.getElementById("suggest-said");
  if (said) said.textContent = `${count} completion${count === 1 ? "" : "s"}, arrow keys to choose, Enter to take`;
}

function markSuggest(step) {
  const rows = [...suggest.list.children];
  suggest.at = (suggest.at + step + rows.length) % rows.length;
  rows.forEach((row, number) => row.setAttribute("aria-selected", String(number === suggest.at)));
  rows[suggest.at].scrollIntoView({ block: "nearest" });
  suggest.area.setAttribute("aria-activedescendant", `suggest-${suggest.at}`);
}

function takeSuggest(text) {
  const { area, from } = suggest;
  const follows = area.value.slice(area.selectionStart);
  closeSuggest();
  const quoted = text.endsWith('"') && follows.startsWith('"') ? text.slice(0, -1) : text;
  area.setRangeText(quoted, from, area.selectionStart, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  if (!text.endsWith("(")) closeSuggest();
}

document.addEventListener("keydown", (event) => {
  if (event.target.matches?.("[data-condition]") && event.ctrlKey && event.key === " ") {
    event.preventDefault();
    openSuggest(event.target, true);
  }
});
document.addEventListener("keydown", (event) => {
  if (!suggest || event.target !== suggest.area || event.altKey || event.ctrlKey) return;
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
