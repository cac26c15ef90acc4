// The ranking page's keys: arrows walk, a digit puts the reasoning in a tier and moves on, letters mark a step's fault.
"use strict";

(() => {
  const work = window.loreWork;
  if (!work) return;
  let column = 0;
  let row = 0;
  let lastTier = "";

  const form = () => work.current()?.querySelector("form[data-answer]");
  const tiers = () => [...(form()?.querySelectorAll('select[name^="tier_"]') || [])];
  const rows = () => [...(form()?.querySelectorAll("tbody tr[data-step]") || [])];

  function mark() {
    for (const cell of document.querySelectorAll("#stage [data-column]")) cell.classList.toggle("focused", Number(cell.dataset.column) === column);
    rows().forEach((line, at) => line.classList.toggle("focused-step", at === row));
    document.querySelector(`#stage thead [data-column="${column}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  function order() {
    const groups = new Map();
    tiers().forEach((select, at) => {
      if (select.value) groups.set(select.value, [...(groups.get(select.value) || []), "ABCDEFGH"[at]]);
    });
    const sorted = [...groups].sort((a, b) => a[0] - b[0]);
    const box = document.querySelector("#stage .order");
    if (box) box.textContent = sorted.map(([, letters]) => letters.join(" = ")).join("  >  ");
    warn(sorted[0]?.[0]);
  }
  // A word, never a bar: the best-ranked verdict is not the one she gave for this pair.
  function warn(best) {
    const own = work.current()?.dataset.own;
    const note = document.querySelector("#stage .own-warning");
    if (!note) return;
    const verdicts = [...document.querySelectorAll("#stage .verdict-row td")];
    const grades = tiers().flatMap((select, at) => (best && select.value === best ? [verdicts[at].dataset.grade] : []));
    const differs = own && grades.length && !grades.includes(own);
    note.hidden = !differs;
    if (differs) note.textContent = `The one you put first says ${grades.map((g) => (g ? `L${g}` : "nothing")).join(", ")}; you yourself judged this pair L${own}.`;
  }
  function put(value) {
    const select = tiers()[column];
    if (!select || Number(value) > select.options.length - 1) return;
    select.value = value === "0" ? "" : value;
    if (value !== "0") lastTier = value;
    form().elements.all_bad.checked = false;
    order();
    const next = tiers().findIndex((other, at) => at > column && !other.value);
    const any = next >= 0 ? next : tiers().findIndex((other) => !other.value);
    if (any >= 0 && value !== "0") column = any;
    mark();
  }
  function fault(kind) {
    const select = rows()[row]?.querySelectorAll('select[name^="fault_"]')[column];
    if (select) select.value = select.value === kind ? "" : kind;
    select?.classList.toggle("faulty", Boolean(select.value));
  }
  function correct() {
    const fold = form()?.querySelector("details.fix");
    if (!fold) return;
    fold.open = true;
    form().elements.fix.checked = true;
    for (const line of rows()) {
      const area = form().elements[`fix_${line.dataset.step}`];
      if (area && !area.value) area.value = line.querySelectorAll("textarea.plain")[column]?.value || "";
    }
    const verdict = form().querySelectorAll(".verdict-row td")[column];
    if (!form().elements.fix_verdict.value) form().elements.fix_verdict.value = verdict?.dataset.verdict || "";
    fold.querySelector("textarea")?.focus();
  }
  function save() {
    if (!form()) return;
    if (!form().elements.all_bad.checked && !tiers().some((select) => select.value)) {
      work.notice("Put at least one in a tier (a digit), or press X for all bad.", "warn");
      return;
    }
    work.submit();
  }
  function used(event) {
    const key = event.key.toLowerCase();
    const action = window.loreKeys.action(event);
    const count = tiers().length;
    if (key === "arrowright") column = Math.min(count - 1, column + 1);
    else if (key === "arrowleft") column = Math.max(0, column - 1);
    else if (key === "arrowdown") row = Math.min(rows().length - 1, row + 1);
    else if (key === "arrowup") row = Math.max(0, row - 1);
    else if (/^[0-8]$/.test(key)) put(key);
    else if (key === "=" && lastTier) put(lastTier);
    else if (action === "all_bad" && form()) form().elements.all_bad.checked = !form().elements.all_bad.checked;
    else if (action.startsWith("fault_")) fault(action.slice(6));
    else if (action === "better") correct();
    else if (key === "enter") save();
    else return work.sharedKey(event);
    mark();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) {
      work.sharedKey(event);
      return;
    }
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) {
      if (event.key === "Escape") {
        event.target.blur();
        work.current()?.querySelector(".query-strip")?.focus({ preventScroll: true });
      } else if (event.key === "Enter" && event.ctrlKey) save();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("summary, button, a") && event.key === "Enter") return;
    if (used(event)) event.preventDefault();
  });
  document.addEventListener("lore:answer", save);
  document.addEventListener("change", (event) => {
    if (event.target.matches('#stage select[name^="tier_"]')) {
      lastTier = event.target.value || lastTier;
      order();
    }
    if (event.target.matches('#stage select[name^="fault_"]')) event.target.classList.toggle("faulty", Boolean(event.target.value));
  });
  document.addEventListener("click", (event) => {
    const cell = event.target.closest("#stage [data-column]");
    if (cell && !event.target.closest("select")) {
      column = Number(cell.dataset.column);
      const at = rows().indexOf(event.target.closest("tr[data-step]"));
      if (at >= 0) row = at;
      mark();
    }
  });
  document.addEventListener("lore:subject", () => {
    column = row = 0;
    lastTier = "";
    mark();
    order();
  });
  mark();
  order();
})();
