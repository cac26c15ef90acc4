// The ranking page: arrows walk, a digit puts the reasoning in a tier and moves on, letters mark a step's fault. Letters can
// be dragged into tiers as well; whatever is dragged ends in the same fields.
"use strict";

(() => {
  const work = window.loreWork;
  if (!work) return;
  const LETTERS = "ABCDEFGH";
  let column = 0;
  let row = 0;
  let lastTier = "";
  let checking = 0;
  let fault = ""; // what the server says is wrong with the better answer

  const form = () => work.current()?.querySelector("form[data-answer]");
  const tiers = () => [...(form()?.querySelectorAll('select[name^="tier_"]') || [])];
  const rows = () => [...(form()?.querySelectorAll("tbody tr[data-step]") || [])];

  function mark() {
    for (const cell of document.querySelectorAll("#stage [data-column]")) cell.classList.toggle("focused", Number(cell.dataset.column) === column);
    rows().forEach((line, at) => line.classList.toggle("focused-step", at === row));
    document.querySelector(`#stage thead [data-column="${column}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    document.querySelector("#stage .focused-step td.focused")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  function order() {
    const groups = new Map();
    tiers().forEach((select, at) => {
      if (select.value) groups.set(select.value, [...(groups.get(select.value) || []), at]);
    });
    const sorted = [...groups].sort((a, b) => a[0] - b[0]);
    const box = document.querySelector("#stage .order");
    if (box) box.textContent = sorted.map(([, places]) => places.map((at) => LETTERS[at]).join(" = ")).join("  >  ");
    lanes(sorted);
    warn(sorted[0]?.[0]);
  }
  // Tiers as boxes: those in use, one more, and what is not ranked.
  function lanes(sorted) {
    const box = document.querySelector("#stage .lanes");
    if (!box) return;
    const used = sorted.map(([tier]) => Number(tier));
    const last = Math.min(tiers().length, Math.max(0, ...used) + 1);
    const places = Object.fromEntries(sorted);
    const found = [];
    for (let tier = 1; tier <= last; tier += 1) found.push(lane(String(tier), tier === 1 ? "1 best" : String(tier), places[tier] || []));
    const rest = tiers().flatMap((select, at) => (select.value ? [] : [at]));
    box.replaceChildren(...found, lane("", "not ranked", rest));
  }
  function lane(tier, title, places) {
    const box = document.createElement("div");
    box.className = "lane";
    box.dataset.lane = tier;
    const name = document.createElement("span");
    name.className = "lane-name";
    name.textContent = title;
    box.append(name, ...places.map((at) => {
      const chip = document.createElement("span");
      chip.className = "letter";
      chip.dataset.chip = at;
      chip.textContent = LETTERS[at];
      return chip;
    }));
    return box;
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
  function place(at, value) {
    const select = tiers()[at];
    if (!select || Number(value) > select.options.length - 1) return false;
    select.value = value === "0" ? "" : value;
    if (select.value) lastTier = value;
    form().elements.all_bad.checked = false;
    order();
    work.keepDraft();
    return true;
  }
  function put(value) {
    if (!place(column, value)) return;
    const next = tiers().findIndex((other, at) => at > column && !other.value);
    const any = next >= 0 ? next : tiers().findIndex((other) => !other.value);
    if (any >= 0 && value !== "0") column = any;
    mark();
  }
  function blame(kind) {
    const select = rows()[row]?.querySelector(`td[data-column="${column}"] select[name^="fault_"]`);
    if (select) select.value = select.value === kind ? "" : kind;
    select?.classList.toggle("faulty", Boolean(select.value));
    work.keepDraft();
  }
  function allBad() {
    const box = form().elements.all_bad;
    box.checked = !box.checked;
    work.keepDraft();
  }

  // --- the better answer: the text of one, mended ---
  function mend() {
    const fold = form()?.querySelector("details.fix");
    if (!fold) return;
    fold.open = true;
    form().elements.fix.checked = true;
    const area = form().elements.fix_text;
    if (!area.value.trim()) area.value = form().querySelectorAll("textarea.whole")[column]?.value || "";
    area.focus();
    work.keepDraft();
    check();
  }
  function check() {
    clearTimeout(checking);
    const element = work.current();
    const words = form()?.querySelector(".fix-word");
    if (!words) return;
    fault = ""; // what was said is of another text: until this one is read, nothing is known against it
    if (!form().elements.fix.checked) {
      words.textContent = "";
      return;
    }
    checking = setTimeout(async () => {
      const text = form()?.elements.fix_text.value || "";
      try {
        const said = await window.loreQueue.post(element.dataset.check, [["text", text]]);
        if (work.current() !== element || form().elements.fix_text.value !== text) return;
        fault = said.fault;
        words.textContent = fault || "Reads as a reasoning.";
        words.classList.toggle("bad", Boolean(fault));
      } catch { // no connection: the server reads it when the order arrives
        fault = "";
        words.textContent = "No connection: this text is checked when it is sent.";
      }
    }, 250);
  }

  function save() {
    if (!form()) return;
    if (!form().elements.all_bad.checked && !tiers().some((select) => select.value)) {
      work.notice(`Put at least one in a tier (a digit), or press ${window.loreKeys.keys.all_bad.toUpperCase()} for all bad.`, "warn");
      return;
    }
    if (form().elements.fix.checked && fault) {
      work.notice(`${fault} Mend the text, or take the tick away.`, "warn");
      form().elements.fix_text.focus();
      return;
    }
    work.submit({}, words());
  }
  function words() {
    const bad = form().elements.all_bad.checked;
    const faults = [...form().querySelectorAll('select[name^="fault_"]')].filter((select) => select.value).map((select) =>
      `${select.closest("td").dataset.label}: ${select.selectedOptions[0].textContent}`);
    const better = form().elements.fix.checked && form().elements.fix_text.value;
    return [bad ? "All bad" : document.querySelector("#stage .order").textContent, ...faults, better && `The better answer:\n${better}`];
  }
  function used(event) {
    const key = event.key.toLowerCase();
    const action = window.loreKeys.action(event);
    const digit = window.loreKeys.digit(event);
    const count = tiers().length;
    if (key === "arrowright") column = Math.min(count - 1, column + 1);
    else if (key === "arrowleft") column = Math.max(0, column - 1);
    else if (key === "arrowdown") row = Math.min(rows().length - 1, row + 1);
    else if (key === "arrowup") row = Math.max(0, row - 1);
    else if (key === "=" && lastTier) put(lastTier);
    else if (/^[0-8]$/.test(digit)) put(digit);
    else if (action === "all_bad" && form()) allBad();
    else if (action.startsWith("fault_")) blame(action.slice(6));
    else if (action === "better") mend();
    else if (key === "enter") save();
    else return work.sharedKey(event);
    mark();
    return true;
  }

  // --- dragging, by mouse, pen or finger ---
  let dragged = null;
  function laneAt(event) {
    return document.elementsFromPoint(event.clientX, event.clientY).map((element) => element.closest?.("#stage [data-lane]")).find(Boolean);
  }
  document.addEventListener("pointerdown", (event) => {
    const chip = event.target.closest("#stage [data-chip]");
    if (!chip || event.button !== 0) return;
    event.preventDefault();
    const ghost = chip.cloneNode(true);
    ghost.className = "letter ghost";
    dragged = { at: Number(chip.dataset.chip), ghost, from: [event.clientX, event.clientY] };
  });
  document.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    if (!dragged.ghost.isConnected) {
      if (Math.hypot(event.clientX - dragged.from[0], event.clientY - dragged.from[1]) < 5) return;
      document.body.append(dragged.ghost);
    }
    dragged.ghost.style.transform = `translate(${event.clientX - 14}px, ${event.clientY - 14}px)`;
    const over = laneAt(event);
    for (const box of document.querySelectorAll("#stage .lane")) box.classList.toggle("over", box === over);
  });
  function drop(event) {
    if (!dragged) return;
    const { at, ghost } = dragged;
    dragged = null;
    ghost.remove();
    const over = event.type === "pointerup" && laneAt(event);
    column = at;
    if (over) place(at, over.dataset.lane || "0");
    order();
    mark();
  }
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", drop);

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
  document.addEventListener("input", (event) => {
    if (event.target.matches('#stage [name="fix_text"], #stage [name="fix"]')) check();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches('#stage select[name^="tier_"]')) {
      lastTier = event.target.value || lastTier;
      order();
    }
    if (event.target.matches('#stage select[name^="fault_"]')) event.target.classList.toggle("faulty", Boolean(event.target.value));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#stage [data-better]")) {
      mend();
      return;
    }
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
    lastTier = fault = "";
    begin();
  });
  // Also what a draft or an undo brought back is shown as such.
  function begin() {
    mark();
    order();
    for (const select of form()?.querySelectorAll('select[name^="fault_"]') || []) select.classList.toggle("faulty", Boolean(select.value));
    if (!form()?.elements.fix.checked) return;
    form().querySelector("details.fix").open = true;
    check();
  }
  begin();
})();
