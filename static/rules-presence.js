// An open editor says so, hears who else has the rule open, and keeps a draft of what is typed in this browser.
"use strict";

(() => {
  const form = document.querySelector("[data-rule-form]");
  if (!form) return;
  const place = document.getElementById("rule-presence");
  const name = `lore-rule:${form.getAttribute("action")}:${form.dataset.person || ""}`;
  const HIDDEN = new Set(["csrfmiddlewaretoken", "base"]);
  const fields = () => [...new FormData(form)].filter(([key]) => !HIDDEN.has(key));
  const at_first = JSON.stringify(fields());
  let changed = form.dataset.unsaved === "1";

  async function beat(left = false) {
    if (!place) return;
    const body = new URLSearchParams({ base: form.elements.base.value, typing: changed ? "1" : "", ...(left ? { left: "1" } : {}) });
    const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" };
    try {
      const answer = await fetch(place.dataset.url, { method: "POST", body, headers, keepalive: left });
      if (!left && answer.ok) {
        const text = await answer.text();
        if (place.dataset.said !== text) {
          place.dataset.said = text;
          place.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
        }
      }
    } catch { /* offline: the next beat tells again */ }
  }
  if (place) {
    beat();
    setInterval(() => { if (!document.hidden) beat(); }, 12000);
    addEventListener("pagehide", () => beat(true));
  }

  // --- a draft in this browser ---
  let pause = 0;
  function keep() {
    pause = 0;
    const now = fields();
    changed = JSON.stringify(now) !== at_first || form.dataset.unsaved === "1";
    try {
      if (changed) localStorage.setItem(name, JSON.stringify({ at: Date.now(), base: form.elements.base.value, fields: now }));
      else localStorage.removeItem(name);
    } catch { /* a full or closed store: the page still warns before it is left */ }
  }
  form.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(keep, 400);
  });
  addEventListener("pagehide", () => { if (pause) keep(); });
  document.body.addEventListener("rule-changed", keep);
  form.addEventListener("submit", () => {
    clearTimeout(pause);
    keep(); // stays until a page of a newer version has come back
    sessionStorage.setItem("lore-rule-sent", JSON.stringify({ name, base: form.elements.base.value }));
  });

  const ROWS = { step: ["when", "grade", "dimension", "reason"], example: ["pair", "query", "item", "grade", "dimension", "note"] };
  function rows(list, kind, names) {
    const holder = form.querySelector(`[data-rows="${kind}"]`);
    const columns = names.map((field) => list.filter(([key]) => key === `${kind}_${field}`).map(([, value]) => value));
    const size = Math.max(0, ...columns.map((column) => column.length));
    while (holder.children.length > size) holder.lastElementChild.remove();
    while (holder.children.length < size) holder.append(document.getElementById(`row-${kind}`).content.firstElementChild.cloneNode(true));
    [...holder.children].forEach((row, number) => names.forEach((field, place_of) => {
      const control = row.querySelector(`[name=${kind}_${field}]`);
      if (control) put(control, columns[place_of][number] ?? "");
    }));
    window.htmx?.process(holder);
  }
  // A list of choices may lack what somebody else chose, a dimension of an earlier release say: it is added then.
  function put(control, value) {
    control.value = value;
    if (control.tagName === "SELECT" && control.value !== value) control.add(new Option(value, value, true, true));
  }
  function restore(draft) {
    for (const [key, value] of draft.fields) {
      if (key.startsWith("step_") || key.startsWith("example_")) continue;
      const control = form.elements[key];
      if (control && "value" in control) put(control, value);
    }
    for (const kind of Object.keys(ROWS)) rows(draft.fields, kind, ROWS[kind]);
    if (draft.base) form.elements.base.value = draft.base; // the version it was typed over: a newer one then clashes
    form.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.dispatchEvent(new CustomEvent("rule-changed"));
  }
  // The page that comes back after saving says that it was saved: another address, or a newer version.
  function forget() {
    const sent = JSON.parse(sessionStorage.getItem("lore-rule-sent") || "null");
    if (!sent || form.dataset.unsaved === "1") return;
    if (sent.name !== name || Number(form.elements.base.value) > Number(sent.base)) localStorage.removeItem(sent.name);
    sessionStorage.removeItem("lore-rule-sent");
  }
  function offer() {
    forget();
    let draft;
    try { draft = JSON.parse(localStorage.getItem(name)); } catch { return; }
    if (!draft || form.dataset.unsaved === "1") return;
    if (JSON.stringify(draft.fields) === at_first || JSON.stringify(draft.fields.filter(([key]) => key !== "note")) === JSON.stringify(fields().filter(([key]) => key !== "note"))) {
      localStorage.removeItem(name);
      return;
    }
    const note = document.createElement("p");
    note.className = "note note-warn rules-draft";
    note.append(`This browser kept what you typed here on ${new Date(draft.at).toLocaleString()} and did not save. `);
    for (const [text, act] of [["Take it up", () => restore(draft)], ["Throw it away", () => localStorage.removeItem(name)]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.addEventListener("click", () => { act(); note.remove(); });
      note.append(button, " ");
    }
    form.before(note);
    form.parentElement.prepend(note);
  }
  if (document.readyState === "complete") offer();
  else addEventListener("load", offer);

  // --- merging: a part of the other person's text in place of mine, and back again ---
  function swapped(name, text) {
    if (!ROWS[name]) {
      const control = form.elements[name], mine = control.value;
      put(control, text);
      return mine;
    }
    const mine = fields().filter(([key]) => key.startsWith(`${name}_`));
    rows(JSON.parse(text), name, ROWS[name]);
    return JSON.stringify(mine);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take]");
    if (!button) return;
    const { take, value, back } = button.dataset;
    button.dataset.value = swapped(take, value);
    button.dataset.back = button.textContent;
    button.textContent = back;
    const control = ROWS[take] ? form.querySelector(`[name=${take}_${take === "step" ? "when" : "query"}]`) : form.elements[take];
    (control || form).dispatchEvent(new Event("input", { bubbles: true }));
    document.body.dispatchEvent(new CustomEvent("rule-changed"));
  });
})();
