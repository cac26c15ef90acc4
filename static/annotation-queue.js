// Answers on their way: a queue that survives a lost network, a restarting server and a closed tab. Each answer has an
// idempotency key, so sending it again is safe; they leave one at a time, in the order they were given.
"use strict";

window.loreQueue = (() => {
  const root = document.getElementById("work");
  if (!root) return null;
  const stateBox = document.getElementById("work-state");
  const notices = document.getElementById("work-notices");
  const { person, campaign } = root.dataset;
  const PAUSES = [500, 1000, 2000, 4000, 8000, 15000];

  const waiting = []; // records not yet taken by the server, oldest first
  // What the page does with the server's word: it says what it holds, and takes what comes back.
  const page = { stock: () => [], took: () => undefined, refused: () => undefined, woken: () => undefined };
  let sending = null;
  let failures = 0;
  let retryTimer = 0;
  let paused = "";
  let last = 0;
  let away = null; // the word that the site does not answer, once it was given

  // --- the queue's home: IndexedDB ---
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
  // The order of answering: a clock that is set back in between must not turn it round.
  function order() {
    last = Math.max(last + 1, Date.now());
    return last;
  }

  // --- what the person sees of it ---
  function tell() {
    const n = waiting.length;
    const state = paused ? "paused" : failures ? "offline" : n ? "sending" : "saved";
    const words = { saved: "saved", sending: `sending ${n}`, offline: n ? `offline: ${n} waiting` : "offline", paused };
    stateBox.dataset.state = state;
    stateBox.className = `pill work-state ${state === "saved" ? "pill-good" : state === "sending" ? "" : "pill-warn"}`;
    if (stateBox.textContent !== words[state]) stateBox.textContent = words[state];
    root.dataset.waiting = n;
    root.dataset.kept = waiting.filter((record) => record.kept).length; // these outlive the page
  }
  function notice(text, kind = "good", said = "") {
    const box = document.createElement("div");
    box.className = `note note-${kind} small`;
    box.textContent = text;
    if (said) {
      const kept = document.createElement("pre");
      kept.textContent = said;
      const close = document.createElement("button");
      close.type = "button";
      close.className = "quiet";
      close.textContent = "Dismiss";
      close.addEventListener("click", () => box.remove());
      box.append(kept, close);
      box.dataset.stays = "1"; // what she typed goes when she says so
    } else setTimeout(() => box.remove(), kind === "good" ? 2500 : 9000);
    const passing = [...notices.children].filter((other) => !other.dataset.stays).slice(0, -2);
    for (const old of passing) old.remove();
    notices.append(box);
    return box;
  }
  // Once it has failed twice: a server that starts again is often back before anybody has noticed.
  function tellAway() {
    if (away) return;
    away = notice("The site cannot be reached. Go on: your answers are kept in this browser and sent in order when it is back.", "warn");
  }
  function tellBack() {
    failures = 0;
    paused = "";
    if (!away || waiting.length) return;
    away.remove();
    away = null;
    notice("The site is back: all your answers have arrived.");
  }

  // --- talking to the server ---
  function token() {
    // The cookie's, not the page's: signing in again in another tab gives a new one.
    const found = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
    return found ? found[1] : JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  }
  async function post(url, fields) {
    const headers = { Accept: "application/json", "X-CSRFToken": token() };
    const body = new URLSearchParams(fields.filter(([name]) => name !== "csrfmiddlewaretoken")); // the form's may be of an earlier sign-in
    return answer(await fetch(url, { method: "POST", body, headers, redirect: "manual", signal: AbortSignal.timeout(15000) }));
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
  function reached() {
    tellBack();
    tell();
  }
  function failed(error) {
    if (error.signedOut && !paused) notice("You are signed out. Sign in again in another tab, then come back: your answers are kept here and are sent then.", "warn");
    if (error.signedOut) paused = `signed out: ${waiting.length} kept`;
    else failures += 1;
    if (failures > 1) tellAway();
    tell();
    clearTimeout(retryTimer);
    retryTimer = setTimeout(wake, error.signedOut ? 5000 : PAUSES[Math.min(failures, PAUSES.length) - 1]);
  }
  function wake() {
    if (waiting.length) flush();
    else page.woken(Boolean(failures || paused));
  }
  function flush() {
    sending ??= drain().finally(() => { sending = null; });
    return sending;
  }
  async function drain() {
    while (waiting.length) {
      const record = waiting[0];
      try {
        const body = await post(record.url, [...record.fields, ...page.stock()]);
        drop(record); // not waited for: the disk may be slow, and sending it again would be safe
        tellBack();
        page.took(record, body);
        if (body.word) notice(body.word);
      } catch (error) {
        if (!error.refusal) return failed(error);
        drop(record);
        tellBack();
        notice(error.message, "bad", record.said);
        page.refused(record);
      }
      tell();
    }
    page.woken(false);
    return undefined;
  }
  async function drop(record) {
    const at = waiting.indexOf(record);
    if (at >= 0) waiting.splice(at, 1);
    await stored("readwrite", (store) => store.delete(record.key)).catch(() => undefined);
  }
  function enqueue(values) {
    const record = { person, campaign, at: order(), ...values };
    waiting.push(record);
    tell();
    stored("readwrite", (store) => store.put(record)).then(() => { record.kept = true; tell(); }).catch(() => undefined);
    flush();
    return record;
  }
  // What an earlier page of hers left unsent; returns the slots those answers are for.
  async function recall() {
    const kept = (await stored("readonly", (store) => store.getAll()).catch(() => [])) || [];
    const mine = kept.filter((record) => record.person === person).sort((a, b) => a.at - b.at);
    last = Math.max(last, ...mine.map((record) => record.at));
    waiting.unshift(...mine.filter((record) => !waiting.some((other) => other.key === record.key)));
    for (const record of mine) record.kept = true;
    tell();
    if (waiting.length) flush();
    return mine.map((record) => record.slot);
  }

  addEventListener("online", wake);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) wake(); });
  addEventListener("beforeunload", (event) => {
    if (waiting.some((record) => !record.kept)) event.preventDefault();
  });

  return {
    root, person, campaign, waiting, page, uuid, notice, tell, post, reached, failed, flush, drop, enqueue, recall,
    sending: () => sending,
    offline: () => Boolean(failures),
  };
})();
