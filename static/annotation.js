// The engine under the working pages: one subject on the stage, some ahead, so that the next one shows without a wait.
// Answers go through annotation-queue.js; each page's own script says what its keys do.
"use strict";

(() => {
  const queue = window.loreQueue;
  if (!queue) return;
  const { root, person, campaign, waiting, notice, post } = queue;
  const stage = document.getElementById("stage");
  const mine = document.getElementById("work-mine");
  const ahead = []; // elements not yet shown
  const shown = new Map(); // key -> element, so that an unsent answer can be taken back without the server
  const fetched = new Set(); // addresses of pictures that are on their way or here
  const windows = "BroadcastChannel" in window ? new BroadcastChannel("lore-annotation") : null;
  let acting = Promise.resolve();
  let refilling = false;
  let skipped = false; // was the last thing she did a skip? The server takes it back
  let startedAt = performance.now();
  let hiddenFor = 0;
  let hiddenSince = 0;

  const many = root.dataset.kind === "review"; // a page of rows: the focused one has the keys
  const rows = () => [...stage.querySelectorAll("article.subject")];
  const current = () => (many && stage.querySelector("article.subject.focused")) || stage.querySelector("article.subject");
  const slotOf = (element) => element?.dataset.slot;
  const held = () => [...rows().map(slotOf), ...ahead.map(slotOf), ...waiting.map((record) => record.slot)].filter(Boolean);
  // What the server needs to give the next ones: slots not to give again, and how many subjects are here to be judged.
  const stock = () => [["have", held().join(",")], ["holding", String(ahead.length + rows().length)]];

  // --- subjects ---
  function show(element) {
    if (many && element.matches("article")) {
      stage.querySelector(".empty")?.remove();
      if (!element.isConnected) stage.prepend(element);
    } else stage.replaceChildren(element);
    focus(element);
  }
  function focus(element, scroll = true) {
    for (const row of rows()) row.classList.toggle("focused", many && row === element);
    startedAt = performance.now();
    hiddenFor = 0;
    for (const field of document.querySelectorAll('dialog input[name="slot"]')) field.value = slotOf(element) || "";
    for (const image of element.querySelectorAll(".zoom img")) if (image.complete && !image.naturalWidth) missing(image);
    begin(element);
    if (!scroll) return;
    (element.querySelector(".query-strip") || element).focus({ preventScroll: true });
    if (many) element.scrollIntoView({ block: "nearest" });
    preload();
  }
  function begin(element) {
    recallDraft(element);
    document.dispatchEvent(new CustomEvent("lore:subject", { detail: element }));
  }
  const missing = (image) => image.closest(".zoom").classList.add("missing"); // its place stays
  function preload() {
    for (const image of ahead.slice(0, 3).flatMap((element) => [...element.querySelectorAll("img")])) {
      if (fetched.has(image.src)) continue;
      fetched.add(image.src);
      const early = new Image();
      early.src = image.src;
      early.decode().catch(() => undefined); // a missing picture has its place all the same
    }
  }
  function showNext(mayRefill = true) {
    const beside = many && (current()?.nextElementSibling || current()?.previousElementSibling);
    if (many) current()?.remove();
    const next = beside || ahead.shift();
    if (next) return show(next);
    const panel = document.createElement("div");
    panel.className = "empty";
    panel.tabIndex = -1;
    panel.textContent = queue.offline() ? "The next subjects come when the site can be reached again. Your answers are kept here and sent then." : "Loading the next subject…";
    show(panel);
    if (mayRefill && !waiting.length) refill();
    return undefined;
  }
  function parse(html) {
    return document.adoptNode(new DOMParser().parseFromString(html, "text/html").body.firstElementChild);
  }
  function take(body) {
    const have = new Set(held());
    for (const { slot, html } of body.subjects || []) if (!have.has(String(slot))) ahead.push(parse(html));
    if (body.total !== undefined) {
      document.getElementById("work-done").textContent = body.done;
      document.getElementById("work-total").textContent = body.total;
      const bar = document.getElementById("work-bar");
      bar.style.width = `${body.total ? (100 * body.done) / body.total : 0}%`;
      bar.parentElement.setAttribute("aria-valuenow", body.done);
    }
    if (!current() && ahead.length) show(ahead.shift());
    else if (!current() && body.empty) show(parse(body.empty));
    if (many && rows().length) stage.append(...ahead.splice(0));
    preload();
  }
  async function refill() {
    if (refilling) return;
    refilling = true;
    try {
      take(await post(root.dataset.next, stock()));
      queue.reached();
    } catch (error) {
      if (!error.refusal) queue.failed(error);
      else if (!stage.querySelector("article")) stage.firstElementChild.textContent = error.message; // it will not come
    } finally {
      refilling = false;
    }
  }
  function forgetSlot(slot) {
    const at = ahead.findIndex((element) => slotOf(element) === slot);
    if (at >= 0) ahead.splice(at, 1);
    return at >= 0;
  }
  function bringBack(element) {
    const now = current();
    const others = ahead.filter((other) => slotOf(other) !== slotOf(element));
    if (many) return show(element);
    ahead.splice(0, ahead.length, ...(now && slotOf(now) !== slotOf(element) ? [now] : []), ...others);
    return show(element);
  }

  // --- what she has typed or chosen and not yet sent outlives the page ---
  const OURS = new Set(["csrfmiddlewaretoken", "key", "slot", "lease", "release", "item_version", "seconds", "rules_shown", "allowed", "suggestion", "shown_order"]);
  const draftName = (slot) => `lore-draft-${person}-${slot}`;
  const hers = (form) => [...form.elements].filter((field) => field.name && field.type !== "submit" && !OURS.has(field.name));
  function keepDraft(element = current()) {
    const form = element?.querySelector("form[data-answer]");
    if (!form) return;
    const said = hers(form).filter((field) => !/^(checkbox|radio)$/.test(field.type) || field.checked).map((field) => [field.name, field.value]);
    try {
      localStorage.setItem(draftName(slotOf(element)), JSON.stringify(said));
    } catch { // a full store costs this draft, never an answer
      localStorage.removeItem(draftName(slotOf(element)));
    }
  }
  function recallDraft(element) {
    const form = element.querySelector("form[data-answer]");
    if (!form || element.dataset.recalled) return;
    element.dataset.recalled = "1";
    const draft = localStorage.getItem(draftName(slotOf(element)));
    if (!draft?.startsWith("[")) return;
    const said = JSON.parse(draft);
    for (const field of hers(form)) {
      const values = said.filter(([name]) => name === field.name).map(([, value]) => value);
      if (/^(checkbox|radio)$/.test(field.type)) field.checked = values.includes(field.value);
      else if (field.defaultValue === undefined || field.value === field.defaultValue) field.value = values[0] ?? field.value; // else typed just now
    }
  }

  // --- the queue's word ---
  Object.assign(queue.page, {
    stock,
    took(record, body) {
      shown.delete(record.key);
      if (record.campaign !== campaign) return;
      mine.textContent = Number(mine.textContent) + 1;
      take(record.url === root.dataset.submit ? body : { ...body, subjects: [] }); // kept by a page of another kind
    },
    refused(record) {
      shown.delete(record.key);
      if (!current()) refill();
    },
    woken(wasCut) {
      if (!current() || wasCut) refill();
    },
  });

  // --- what the pages call ---
  const seconds = () => Math.max(0, (performance.now() - startedAt - hiddenFor) / 1000);
  // `said`: the answer in words, line by line, for the case that it comes too late and she wants to have it back.
  function submit(extra, said) {
    const element = current();
    const form = element?.querySelector("form[data-answer]");
    if (!form) return;
    form.elements.key.value = queue.uuid();
    form.elements.seconds.value = element.dataset.seconds || seconds().toFixed(2);
    const fields = [...new FormData(form)].filter(([name]) => !(name in extra)).concat(Object.entries(extra));
    const slot = slotOf(element);
    shown.set(form.elements.key.value, element);
    const about = element.querySelectorAll(".query-strip h2, .item-title, .review-query strong, .review-title");
    const comment = form.elements.comment?.value;
    const words = [[...about].map((part) => part.textContent.trim()).join(" – "), ...said, comment && `Comment: ${comment}`].filter(Boolean).join("\n");
    queue.enqueue({ key: form.elements.key.value, url: root.dataset.submit, slot, fields, said: words });
    localStorage.removeItem(draftName(slot));
    windows?.postMessage({ person, slot });
    skipped = false;
    showNext();
  }
  // The keys after it are for the subject that comes back: they wait for it, and go with it where it does not come.
  const undo = () => {
    acting = acting.then(takeBack);
    window.loreHold(acting);
    return acting;
  };
  async function takeBack() {
    const latest = skipped ? null : waiting.at(-1);
    if (latest && latest.campaign === campaign && shown.has(latest.key) && !(queue.sending() && waiting.length === 1)) {
      const element = shown.get(latest.key);
      shown.delete(latest.key);
      await queue.drop(latest);
      bringBack(element);
      queue.tell();
      return true;
    }
    await queue.sending();
    if (waiting.length) {
      notice("Undo needs the connection: your last answer is on its way.", "warn");
      return false;
    }
    try {
      const body = await post(root.dataset.undo, stock());
      skipped = false;
      const back = body.back && body.subjects.shift(); // else they are new ones
      if (body.withdrawn) mine.textContent = Math.max(0, Number(mine.textContent) - 1);
      if (back) bringBack(parse(back.html));
      take(body);
      notice(body.word);
      return Boolean(back);
    } catch (error) {
      notice(error.refusal ? error.message : "Undo needs the connection.", "warn");
      return false;
    }
  }
  async function act(form, submitter) {
    const kind = form.dataset.act;
    const element = current();
    if (kind === "undo") return undo();
    if (!element) return undefined;
    const fields = [...new FormData(form, submitter)].filter(([name]) => name !== "csrfmiddlewaretoken");
    form.closest("dialog")?.close();
    form.reset(); // at once: the next word may be typed before this one has arrived
    if (kind === "skip") showNext(false); // first, so that the skipped subject is not among those we say we have
    acting = acting.then(() => told(kind, element, form, fields)); // an undo right after it waits for it
    return acting;
  }
  async function told(kind, element, form, fields) {
    try {
      const body = await post(root.dataset[kind], [...fields, ...stock()]);
      skipped ||= kind === "skip";
      take(body);
      notice(body.word);
    } catch (error) {
      if (kind === "skip") bringBack(element);
      for (const [name, value] of fields) if (form.elements[name] && !form.elements[name].value) form.elements[name].value = value;
      notice(error.refusal ? error.message : "That needs the connection; nothing was changed, and your words are still there.", "warn");
    }
  }

  // --- pictures: one dialog, which keeps the focus until Esc ---
  const zoomBox = document.getElementById("work-zoom");
  const pictures = () => [...(current()?.querySelectorAll("[data-zoom]") || [])];
  let picture = 0;
  function zoom(at) {
    const all = pictures();
    if (!all.length) return;
    picture = (at + all.length) % all.length;
    zoomBox.querySelector("img").src = all[picture].dataset.zoom;
    zoomBox.querySelector("[data-count]").textContent = all.length > 1 ? `${picture + 1} of ${all.length}` : "";
    for (const button of zoomBox.querySelectorAll("[data-step]")) button.hidden = all.length < 2;
    zoomBox.classList.remove("full");
    if (!zoomBox.open) zoomBox.showModal();
  }

  // Keys the pages share. Returns true where the key was used.
  const DIALOGS = { skip: "work-skip", flag: "work-flag", guide: "work-guide", help: "work-keys" };
  function sharedKey(event) {
    const open = document.querySelector("dialog[open]");
    if (open) return dialogKey(open, event);
    const action = window.loreKeys.action(event);
    if (action === "undo") undo();
    else if (DIALOGS[action]) {
      if ((action === "skip" || action === "flag") && !current()) return true;
      document.getElementById(DIALOGS[action]).showModal();
    } else if (action === "zoom") zoom(0);
    else if (action === "description") toggle("[data-description]");
    else return false;
    return true;
  }
  function toggle(selector) {
    const folds = [...(current()?.querySelectorAll(selector) || [])];
    const open = folds.every((fold) => fold.open);
    for (const fold of folds) fold.open = !open;
    if (!open) reveal(folds[0]);
  }
  // What a key has opened below the edge of its own card comes into view: its head on top, as far as there is so much.
  function reveal(fold) {
    const card = fold?.closest(".facts-grid > .card");
    if (card && fold.getBoundingClientRect().bottom > card.getBoundingClientRect().bottom) {
      card.scrollTop += fold.getBoundingClientRect().top - card.getBoundingClientRect().top;
    }
  }
  function dialogKey(open, event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) open.querySelector("form")?.requestSubmit();
    else if (event.target.closest("textarea, input")) return true;
    else if (open === zoomBox && /^Arrow(Left|Right)$/.test(event.key)) zoom(picture + (event.key === "ArrowRight" ? 1 : -1));
    else if (Number(window.loreKeys.digit(event))) open.querySelector(`[data-digit="${window.loreKeys.digit(event)}"]`)?.click();
    else if (["help", "zoom", "guide"].includes(window.loreKeys.action(event))) open.close();
    return true;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-act], form[data-answer]");
    if (!form) return;
    event.preventDefault();
    if (form.matches("[data-act]")) act(form, event.submitter);
    else document.dispatchEvent(new CustomEvent("lore:answer", { detail: event.submitter }));
  });
  document.addEventListener("click", (event) => {
    const clicked = event.target.closest("[data-zoom]");
    if (clicked) zoom(pictures().indexOf(clicked));
    else if (event.target.closest("[data-step]") && zoomBox.contains(event.target)) zoom(picture + Number(event.target.closest("[data-step]").dataset.step));
    else if (event.target.matches("#work-zoom img")) zoomBox.classList.toggle("full");
  });
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => { if (event.target.closest("#stage form[data-answer]")) keepDraft(event.target.closest("article.subject")); });
  }
  document.addEventListener("error", (event) => { if (event.target.matches?.(".zoom img")) missing(event.target); }, true);
  windows?.addEventListener("message", ({ data }) => {
    if (data.person !== person || forgetSlot(data.slot)) return;
    const row = rows().find((element) => slotOf(element) === data.slot);
    if (!row) return;
    if (row !== current()) return void row.remove();
    showNext();
    notice("You answered that one in your other window: here is the next.");
  });

  async function renew() {
    const slots = [...rows(), ...ahead].map(slotOf);
    if (!slots.length || document.hidden) return;
    try {
      const { lost } = await post(root.dataset.renew, [["slots", slots.join(",")]]);
      for (const slot of lost.map(String)) {
        if (!forgetSlot(slot) && slotOf(current()) === slot) notice("Your time for this one ran out; it may go to somebody else. You can still answer it.", "warn");
      }
    } catch (error) {
      if (error.signedOut) queue.failed(error);
    }
  }
  setInterval(renew, 60000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiddenSince = performance.now();
    else {
      hiddenFor += performance.now() - hiddenSince;
      renew();
    }
  });

  async function start() {
    for (const holder of document.querySelectorAll("#ahead template")) ahead.push(document.adoptNode(holder.content.firstElementChild));
    const answered = new Set(await queue.recall());
    ahead.splice(0, ahead.length, ...ahead.filter((element) => !answered.has(slotOf(element))));
    if (many) for (const row of rows()) if (answered.has(slotOf(row))) row.remove();
    if (!many && current() && answered.has(slotOf(current()))) showNext();
    else if (current()) many ? focus(current()) : begin(current()); // no focus: she may be typing already
    queue.tell();
    preload();
    // The page was given what is hers already; further subjects are given out by this, and the keys wait for the first.
    const filled = rows().length + ahead.length < Number(root.dataset.holding) && refill();
    if (current()) renew();
    else if (!waiting.length) await filled;
    root.dataset.ready = "1";
  }
  window.loreWork = { submit, keepDraft, undo, current, notice, sharedKey, toggle, focus, seconds };
  window.loreHold(start());
})();
