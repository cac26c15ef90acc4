// The engine under the grade and ranking pages: one subject on the stage, some ahead, and a queue of answers that survives
// a lost network, a restarting server and a closed tab. Each answer has an idempotency key, so sending it again is safe.
"use strict";

(() => {
  const root = document.getElementById("work");
  if (!root) return;
  const stage = document.getElementById("stage");
  const stateBox = document.getElementById("work-state");
  const notices = document.getElementById("work-notices");
  const person = root.dataset.person;
  const campaign = root.dataset.campaign;
  const PAUSES = [500, 1000, 2000, 4000, 8000, 15000];

  const ahead = []; // elements not yet shown
  const waiting = []; // records not yet taken by the server, oldest first
  const shown = new Map(); // key -> element, so that an unsent answer can be taken back without the server
  let sending = null;
  let failures = 0;
  let retryTimer = 0;
  let paused = "";
  let startedAt = performance.now();
  let hiddenFor = 0;
  let hiddenSince = 0;

  // --- the queue's home: IndexedDB, in the order of answering ---
  const database = new Promise((resolve) => {
    const opening = indexedDB.open("lore-annotation", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("answers", { keyPath: "key" });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => resolve(null); // private mode: the queue then lives in this page alone, and beforeunload warns
  });
  async function stored(mode, action) {
    const db = await database;
    if (!db) return undefined;
    return new Promise((resolve, reject) => {
      const transaction = db.transaction("answers", mode, { durability: "strict" });
      const request = action(transaction.objectStore("answers"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }
  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID(); // absent on plain http
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    const hex = [...b].map((n) => n.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  // --- what the person sees ---
  const current = () => stage.querySelector("article.subject");
  const slotOf = (element) => element?.dataset.slot;
  const held = () => [slotOf(current()), ...ahead.map(slotOf), ...waiting.map((record) => record.slot)].filter(Boolean);

  function tell() {
    const n = waiting.length;
    const state = paused ? "paused" : failures ? "offline" : n ? "sending" : "saved";
    stateBox.dataset.state = state;
    stateBox.className = `pill work-state ${state === "saved" ? "pill-good" : state === "sending" ? "" : "pill-warn"}`;
    const words = { saved: "saved", sending: `sending ${n}`, offline: `offline: ${n} waiting`, paused };
    stateBox.textContent = words[state];
    root.dataset.waiting = n;
  }
  function notice(text, kind = "good", typed = null) {
    const box = document.createElement("div");
    box.className = `note note-${kind} small`;
    box.textContent = text;
    if (typed) {
      const kept = document.createElement("pre");
      kept.textContent = Object.entries(typed).filter(([, v]) => v && String(v).length).map(([k, v]) => `${k}: ${typeof v === "object" ? JSON.stringify(v) : v}`).join("\n");
      const close = document.createElement("button");
      close.type = "button";
      close.className = "quiet";
      close.textContent = "Dismiss";
      close.addEventListener("click", () => box.remove());
      box.append(kept, close);
    } else setTimeout(() => box.remove(), kind === "good" ? 2500 : 9000);
    notices.replaceChildren(...[...notices.children].slice(-2), box);
  }
  function show(element) {
    stage.replaceChildren(element);
    startedAt = performance.now();
    hiddenFor = 0;
    for (const field of document.querySelectorAll('dialog input[name="slot"]')) field.value = slotOf(element) || "";
    document.dispatchEvent(new CustomEvent("lore:subject", { detail: element }));
    (element.querySelector(".query-strip") || element).focus({ preventScroll: true });
    preload();
  }
  function preload() {
    for (const element of ahead.slice(0, 2)) for (const image of element.querySelectorAll("img")) new Image().src = image.src;
  }
  function showNext() {
    const next = ahead.shift();
    if (next) return show(next);
    const panel = document.createElement("div");
    panel.className = "empty";
    panel.tabIndex = -1;
    panel.textContent = failures ? "No connection. Your answers are kept here and sent when it is back; the next subjects come then." : "Loading the next subject…";
    show(panel);
    if (!waiting.length) refill();
    return undefined;
  }
  function parse(html) {
    return new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  }
  function take(body) {
    const have = new Set(held());
    for (const { slot, html } of body.subjects || []) {
      if (have.has(String(slot))) continue;
      const element = document.adoptNode(parse(html));
      ahead.push(element);
    }
    if (body.total !== undefined) {
      document.getElementById("work-done").textContent = body.done;
      document.getElementById("work-total").textContent = body.total;
      document.getElementById("work-bar").style.width = `${body.total ? (100 * body.done) / body.total : 0}%`;
    }
    if (!current() && ahead.length) show(ahead.shift());
    else if (!current() && body.empty) show(parse(body.empty));
    preload();
  }

  // --- talking to the server ---
  async function post(url, fields) {
    const body = new URLSearchParams(fields);
    const headers = { Accept: "application/json", "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] };
    const response = await fetch(url, { method: "POST", body, headers, redirect: "manual", signal: AbortSignal.timeout(15000) });
    return answer(response);
  }
  async function answer(response) {
    const isJson = (response.headers.get("Content-Type") || "").includes("application/json");
    if (response.type === "opaqueredirect" || response.status === 401 || (response.status === 403 && !isJson)) {
      throw Object.assign(new Error("signed out"), { signedOut: true });
    }
    if (!isJson || response.status >= 500) throw new Error(`status ${response.status}`);
    const json = await response.json();
    if (!response.ok) throw Object.assign(new Error(json.error.message), { refusal: json.error });
    return json;
  }
  async function refill() {
    try {
      const url = `${root.dataset.next}?have=${held().join(",")}`;
      const body = await answer(await fetch(url, { headers: { Accept: "application/json" }, redirect: "manual", signal: AbortSignal.timeout(15000) }));
      failures = 0;
      take(body);
      tell();
    } catch (error) {
      failed(error);
    }
  }
  function failed(error) {
    if (error.signedOut) {
      paused = `signed out: ${waiting.length} kept`;
      notice("You are signed out. Sign in again in another tab, then come back: your answers are kept here and are sent then.", "warn");
    } else failures += 1;
    tell();
    clearTimeout(retryTimer);
    retryTimer = setTimeout(wake, error.signedOut ? 5000 : PAUSES[Math.min(failures, PAUSES.length) - 1]);
  }
  function wake() {
    paused = "";
    if (waiting.length) flush();
    else if (!current() || failures) refill();
  }
  function flush() {
    sending ??= drain().finally(() => { sending = null; });
    return sending;
  }
  async function drain() {
    while (waiting.length) {
      const record = waiting[0];
      try {
        const body = await post(record.url, [...record.fields, ["have", held().join(",")]]);
        await settle(record);
        failures = 0;
        if (record.campaign === campaign) {
          const mine = document.getElementById("work-mine");
          mine.textContent = Number(mine.textContent) + 1;
          take(body);
        }
        if (body.word) notice(body.word);
      } catch (error) {
        if (!error.refusal) return failed(error);
        await settle(record);
        notice(error.message, "bad", error.refusal.typed || Object.fromEntries(record.fields.filter(([name]) => !HIDDEN.has(name))));
        if (!current()) refill();
      }
      tell();
    }
    if (!current()) refill();
    return undefined;
  }
  const HIDDEN = new Set(["csrfmiddlewaretoken", "key", "slot", "lease", "release", "item_version", "seconds", "allowed", "have"]);
  async function settle(record) {
    const at = waiting.indexOf(record);
    if (at >= 0) waiting.splice(at, 1);
    shown.delete(record.key);
    await stored("readwrite", (store) => store.delete(record.key)).catch(() => undefined);
  }

  // --- what the two pages call ---
  function submit(extra = {}) {
    const element = current();
    const form = element?.querySelector("form[data-answer]");
    if (!form) return;
    form.elements.key.value = uuid();
    form.elements.seconds.value = Math.max(0, (performance.now() - startedAt - hiddenFor) / 1000).toFixed(2);
    const fields = [...new FormData(form)].filter(([name]) => !(name in extra)).concat(Object.entries(extra));
    const record = { key: form.elements.key.value, person, campaign, url: root.dataset.submit, slot: slotOf(element), fields, at: Date.now() };
    waiting.push(record);
    shown.set(record.key, element);
    showNext();
    tell();
    stored("readwrite", (store) => store.put(record)).then(() => { record.kept = true; }).catch(() => undefined);
    flush();
  }
  async function undo() {
    const last = waiting.at(-1);
    if (last && last.campaign === campaign && shown.has(last.key) && !(sending && waiting.length === 1)) {
      const element = shown.get(last.key);
      await settle(last);
      bringBack(element);
      tell();
      return;
    }
    await sending;
    if (waiting.length) return notice("Undo needs the connection: your last answer is on its way.", "warn");
    try {
      const body = await post(root.dataset.undo, [["have", held().join(",")]]);
      const [back, ...rest] = body.subjects;
      const mine = document.getElementById("work-mine");
      mine.textContent = Math.max(0, Number(mine.textContent) - 1);
      if (back) bringBack(document.adoptNode(parse(back.html)));
      take({ ...body, subjects: rest });
      notice(body.word);
    } catch (error) {
      notice(error.refusal ? error.message : "Undo needs the connection.", "warn");
    }
    return undefined;
  }
  function bringBack(element) {
    const now = current();
    const others = ahead.filter((other) => slotOf(other) !== slotOf(element));
    ahead.splice(0, ahead.length, ...(now && slotOf(now) !== slotOf(element) ? [now] : []), ...others);
    show(element);
  }
  async function act(form, submitter) {
    const kind = form.dataset.act;
    if (kind === "undo") return undo();
    const element = current();
    if (!element) return undefined;
    const fields = [...new FormData(form, submitter)].filter(([name]) => name !== "csrfmiddlewaretoken");
    form.closest("dialog")?.close();
    try {
      if (kind === "skip") {
        showNext(); // first, so that the skipped subject is not among those we say we have
        const body = await post(root.dataset.skip, [...fields, ["have", held().join(",")]]);
        take(body);
        notice(body.word);
      } else {
        const body = await post(root.dataset.flag, [...fields, ["have", held().join(",")]]);
        form.reset();
        form.elements.slot.value = slotOf(current()) || "";
        take(body);
        notice(body.word);
      }
    } catch (error) {
      if (kind === "skip") bringBack(element);
      notice(error.refusal ? error.message : "That needs the connection; nothing was changed.", "warn");
    }
    return undefined;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-act], form[data-answer]");
    if (!form) return;
    event.preventDefault();
    if (form.matches("[data-act]")) act(form, event.submitter);
    else document.dispatchEvent(new CustomEvent("lore:answer", { detail: event.submitter }));
  });
  document.addEventListener("click", (event) => {
    const picture = event.target.closest("[data-zoom]");
    if (picture) zoom(picture);
  });
  function zoom(picture) {
    const dialog = document.getElementById("work-zoom");
    dialog.querySelector("img").src = picture.dataset.zoom;
    dialog.showModal();
  }

  // Keys both pages share. Returns true where the key was used.
  function sharedKey(event) {
    const open = document.querySelector("dialog[open]");
    if (open) return dialogKey(open, event);
    const key = event.key.toLowerCase();
    const dialogs = { s: "work-skip", f: "work-flag", g: "work-guide", "?": "work-keys" };
    if (key === "u") undo();
    else if (dialogs[key]) {
      if ((key === "s" || key === "f") && !current()) return true;
      document.getElementById(dialogs[key]).showModal();
    } else if (key === "z") {
      const picture = current()?.querySelector("[data-zoom]");
      if (picture) zoom(picture);
    } else if (key === "d") {
      const fold = current()?.querySelector("[data-description]");
      if (fold) fold.open = !fold.open;
    } else return false;
    return true;
  }
  function dialogKey(open, event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) open.querySelector("form")?.requestSubmit();
    else if (event.target.closest("textarea, input")) return true;
    else if (/^[1-9]$/.test(event.key)) open.querySelector(`[data-digit="${event.key}"]`)?.click();
    else if (["?", "z", "g"].includes(event.key.toLowerCase())) open.close();
    return true;
  }

  setInterval(async () => {
    const slots = [current(), ...ahead].map(slotOf).filter(Boolean);
    if (!slots.length || document.hidden) return;
    try {
      const { lost } = await post(root.dataset.renew, [["slots", slots.join(",")]]);
      for (const slot of lost.map(String)) {
        const at = ahead.findIndex((element) => slotOf(element) === slot);
        if (at >= 0) ahead.splice(at, 1);
        else if (slotOf(current()) === slot) notice("Your time for this one ran out; it may go to somebody else. You can still answer it.", "warn");
      }
    } catch (error) {
      if (error.signedOut) failed(error);
    }
  }, 60000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiddenSince = performance.now();
    else {
      hiddenFor += performance.now() - hiddenSince;
      wake();
    }
  });
  addEventListener("online", wake);
  addEventListener("beforeunload", (event) => {
    if (waiting.some((record) => !record.kept)) event.preventDefault();
  });

  async function start() {
    for (const holder of document.querySelectorAll("#ahead template")) ahead.push(document.adoptNode(holder.content.firstElementChild));
    const kept = (await stored("readonly", (store) => store.getAll()).catch(() => [])) || [];
    const mine = kept.filter((record) => record.person === person).sort((a, b) => a.at - b.at);
    waiting.unshift(...mine.filter((record) => !waiting.some((other) => other.key === record.key)));
    const answered = new Set(mine.map((record) => record.slot));
    ahead.splice(0, ahead.length, ...ahead.filter((element) => !answered.has(slotOf(element))));
    if (current() && answered.has(slotOf(current()))) showNext();
    tell();
    preload();
    root.dataset.ready = "1";
    if (waiting.length) flush();
  }
  window.loreWork = { submit, undo, current, notice, sharedKey };
  start();
})();
