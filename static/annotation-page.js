// The page grid's keys: arrows walk over the items, a digit grades the one in focus and moves on, three keys give the whole
// page its verdict. What is graded and not yet sent is kept with the browser, letter by letter.
"use strict";

(() => {
  const work = window.loreWork;
  if (!work) return;
  const keys = window.loreKeys;
  let at = 0;
  let mode = ""; // "" | "dimension" | "why": what the next letter says of the item in focus
  let pending = "";

  const article = () => work.current()?.closest(".page-subject");
  const form = () => article()?.querySelector("form[data-answer]");
  const items = () => [...(article()?.querySelectorAll(".page-item") || [])];
  const item = () => items()[at];
  const field = (name, row = item()) => form()?.elements[`${name}_${row?.dataset.pair}`];
  const gradeOf = (row) => row?.querySelector(".item-grades input[type=radio]:checked")?.value || "";
  const asks = () => article() && article().dataset.items !== "none";

  // --- what the eye sees ---
  function mark(scroll = true) {
    items().forEach((row, place) => row.classList.toggle("focused", place === at));
    if (scroll) item()?.scrollIntoView({ block: "nearest" });
    const count = article()?.querySelector("[data-graded]");
    if (count) count.textContent = `${items().filter(gradeOf).length} of ${items().length} item${items().length === 1 ? "" : "s"} graded`;
    const flagged = document.querySelector("[data-flagged]");
    if (flagged && item()) {
      document.querySelector('#work-flag input[name="pair"]').value = item().dataset.pair;
      flagged.textContent = `Item ${at + 1}: ${item().querySelector("h3").textContent}`;
    }
  }
  function dress(row) {
    const grade = gradeOf(row);
    row.dataset.grade = grade;
    row.querySelector(".item-dimension")?.classList.toggle("wanted", grade === "2" || grade === "1");
  }
  function ask(next) {
    mode = next;
    for (const box of article()?.querySelectorAll("[data-ask]") || []) box.hidden = box.dataset.ask !== mode;
    const line = article()?.querySelector("[data-ask-line]");
    if (line) line.textContent = mode ? `Item ${at + 1}: ${mode === "dimension" ? "one letter says what conflicts" : "one letter says why"}` : "";
  }
  function forget() {
    pending = "";
    ask("");
  }

  // --- grading the item in focus ---
  function give(grade, wantsDimension) {
    if (!item() || !asks()) return;
    pending = grade;
    if ((grade === "2" || wantsDimension) && !field("dimension").value) return ask("dimension");
    settle();
  }
  function settle() {
    const row = item();
    const radio = row.querySelector(`input[type=radio][value="${pending}"]`);
    radio.checked = true;
    if (!field("key").value) field("key").value = window.loreQueue.uuid();
    if (Number(pending) > 2) field("dimension").value = "";
    const { allowed } = row.dataset;
    read(row);
    const shown = field("rules").value;
    if (shown && allowed && !allowed.includes(pending) && !field("why").value) {
      dress(row);
      keep();
      return ask("why");
    }
    return moveOn(row);
  }
  function moveOn(row) {
    forget();
    dress(row);
    keep();
    const open = items().findIndex((other, place) => place > at && !gradeOf(other));
    if (open >= 0) at = open;
    else if (at < items().length - 1) at += 1;
    mark();
  }
  function letter(value) {
    if (mode === "dimension") {
      field("dimension").value = value;
      return settle();
    }
    field("why").value = value;
    if (value === "i_was_wrong") { // she keeps the rules' side: choose again
      clear(item());
      return forget();
    }
    return moveOn(item());
  }
  function clear(row) {
    for (const radio of row.querySelectorAll("input[type=radio]")) radio.checked = false;
    field("dimension", row).value = "";
    dress(row);
    keep();
    mark();
  }
  function rules() {
    const fold = item()?.querySelector(".item-rules");
    if (fold) {
      fold.open = !fold.open;
      read(item());
    } else work.notice("No rule is shown for this item.");
  }
  // What was read is recorded, also when shut again. `toggle` comes late: the next key must not overtake it.
  function read(row) {
    const codes = field("rules", row);
    if (!codes || codes.value || !row.querySelector(".item-rules")?.open) return;
    codes.value = codes.dataset.codes;
    keep();
  }

  const keep = () => work.keepDraft();
  function begin() {
    items().forEach(dress);
    at = Math.max(0, items().findIndex((row) => !gradeOf(row)));
    forget();
    mark(false);
  }

  function finish(value) {
    if (!form()) return;
    const missing = items().findIndex((row) => !gradeOf(row));
    const unsaid = items().findIndex((row) => gradeOf(row) === "2" && !field("dimension", row).value);
    if (asks() && unsaid >= 0) {
      at = unsaid;
      mark();
      pending = "2";
      ask("dimension");
      return;
    }
    if (article().dataset.items === "required" && missing >= 0) {
      at = missing;
      mark();
      work.notice(`Item ${missing + 1} has no grade yet: every item is judged here.`, "warn");
      return;
    }
    for (const row of items()) {
      if (gradeOf(row) && !field("key", row).value) field("key", row).value = window.loreQueue.uuid();
    }
    work.submit({ mark: value }, [...items().filter(gradeOf).map(words), `The whole page: ${MARK_NAMES[value]}`]);
  }
  function words(row) {
    const dimension = Number(gradeOf(row)) < 3 && field("dimension", row).value;
    return `${items().indexOf(row) + 1}. ${row.querySelector("h3").textContent}: L${gradeOf(row)}${dimension ? `-${dimension}` : ""}`;
  }

  const MARKS = { page_bad: "1", page_mid: "2", page_good: "3" };
  const MARK_NAMES = { 1: "Bad", 2: "Mid", 3: "Good" };
  function used(event) {
    const key = keys.letter(event);
    if (key === "escape") forget();
    else if (key === "arrowdown" || key === "arrowup") walk(key === "arrowdown" ? 1 : -1);
    else if (key === "backspace" && item() && asks()) clear(item());
    else {
      const action = keys.action(event);
      const level = action.startsWith("grade_") ? action.slice(6) : "";
      if (mode && key.length === 1 && !level) return press(key);
      if (level && asks()) give(level, event.shiftKey && level === "1");
      else if (MARKS[action]) finish(MARKS[action]);
      else if (action === "item_rules") rules();
      else if (action === "picture" && asks() && item()) toggle(field("picture"));
      else if (action === "zoom" && item()?.querySelector("[data-zoom]")) item().querySelector("[data-zoom]").click();
      else if (action === "comment" && form()) form().elements.comment.focus();
      else return work.sharedKey(event);
    }
    return true;
  }
  function toggle(box) {
    box.checked = !box.checked;
    keep();
  }
  function walk(step) {
    at = Math.min(items().length - 1, Math.max(0, at + step));
    forget();
    mark();
  }
  function press(key) {
    const button = article().querySelector(`[data-ask="${mode}"] [data-letter="${CSS.escape(key)}"]`);
    if (button) letter(button.dataset.value);
    return Boolean(button);
  }

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) {
      work.sharedKey(event);
      return;
    }
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select")) {
      if (event.key === "Escape" || (event.key === "Enter" && event.target.matches("input"))) {
        event.preventDefault();
        event.target.blur();
        work.current()?.querySelector(".query-strip")?.focus({ preventScroll: true });
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !event.key.startsWith("Arrow")) return;
    if (used(event)) event.preventDefault();
  });
  document.addEventListener("lore:answer", (event) => {
    if (event.detail?.name === "mark") finish(event.detail.value);
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(".page-item .item-rules")) read(event.target.closest(".page-item"));
  }, true);
  document.addEventListener("change", (event) => {
    const row = event.target.closest("#stage .page-item");
    if (!row) return;
    at = items().indexOf(row);
    if (event.target.matches("input[type=radio]")) give(event.target.value, false);
    else {
      dress(row);
      if (event.target.matches("select") && pending && event.target.value) settle();
      else keep();
    }
    mark(false);
  });
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("#stage [data-ask] [data-letter]");
    if (chip) letter(chip.dataset.value);
    const row = event.target.closest("#stage .page-item");
    if (row && !event.target.closest("input, select, summary, button, label")) {
      at = items().indexOf(row);
      forget();
      mark(false);
    }
  });
  document.addEventListener("lore:subject", begin);
  begin();
})();
