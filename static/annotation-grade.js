// The grade page's keys: a verdict is one key (two for L2). One delegated handler on the document, so that no key of a fast
// typist is lost between two subjects.
"use strict";

(() => {
  const work = window.loreWork;
  if (!work) return;
  let mode = ""; // "" | "dimension" | "why" | "cite"
  let grade = "";

  const form = () => work.current()?.querySelector("form[data-answer]");
  const chosen = (name) => form()?.querySelector(`input[name="${name}"]:checked`);

  function ask(next) {
    mode = next;
    for (const set of document.querySelectorAll("#stage [data-ask]")) set.classList.toggle("asking", set.dataset.ask === mode);
    document.querySelector("#stage .rules-card")?.classList.toggle("asking", mode === "cite");
    for (const button of document.querySelectorAll("#stage .level")) button.classList.toggle("pending", Boolean(grade) && button.value === grade);
  }
  function forget() {
    grade = "";
    ask("");
  }
  // Everything a verdict needs, asked one key at a time; then it is sent and the next subject is there.
  function proceed() {
    if (!form() || !grade) return;
    if (grade === "2" && !chosen("dimension")) return ask("dimension");
    const allowed = work.current().dataset.allowed;
    const reason = chosen("disagreement")?.value || "";
    if (allowed && !allowed.includes(grade) && (!reason || reason === "i_was_wrong")) return ask("why");
    if (reason === "rule_wrong" || reason === "not_applicable") uncite(allowed);
    const extra = { grade };
    if (Number(grade) > 2) extra.dimension = "";
    if (allowed && allowed.includes(grade) && reason !== "i_was_wrong") extra.disagreement = "";
    if (!allowed) extra.disagreement = "";
    grade = "";
    mode = "";
    return work.submit(extra);
  }
  // Whoever says that the deciding rules are wrong here does not cite them.
  function uncite() {
    for (const box of form().querySelectorAll('.fired li:not(.minor) input[name="rules_cited"]')) if (!box.dataset.touched) box.checked = false;
  }
  function pick(set, letter) {
    const radio = form()?.querySelector(`[data-ask="${set}"] input[data-letter="${CSS.escape(letter)}"]`);
    if (!radio) return false;
    radio.checked = true;
    picked(radio);
    return true;
  }
  function picked(radio) {
    if (radio.value === "i_was_wrong" && mode === "why") {
      forget(); // she keeps the rules' side: choose again; the record says that she had first seen it otherwise
      work.notice("Choose again: your first view is noted.");
    } else if (grade) proceed();
  }
  function start(value) {
    grade = value;
    proceed();
  }
  function cite(digit) {
    const box = form()?.querySelectorAll('input[name="rules_cited"]')[Number(digit) - 1];
    if (box) {
      box.checked = !box.checked;
      box.dataset.touched = "1";
    }
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
    if (typing && !event.target.closest("dialog")) {
      if (event.key === "Escape" || event.key === "Enter") {
        event.preventDefault();
        event.target.blur();
        work.current()?.querySelector(".query-strip")?.focus({ preventScroll: true });
      }
      return;
    }
    const combined = event.ctrlKey || event.metaKey || event.altKey;
    if (document.querySelector("dialog[open]")) {
      work.sharedKey(event);
      return;
    }
    if (combined || event.repeat) return;
    if (used(event)) event.preventDefault();
  });

  function used(event) {
    const key = event.key.toLowerCase();
    if (key === "escape") {
      forget();
      return true;
    }
    const digit = /^Digit([1-4])$/.exec(event.code)?.[1] || (/^[1-4]$/.test(key) ? key : "");
    if (mode === "cite" && /^[1-9]$/.test(key)) {
      cite(key);
      return true;
    }
    if (mode === "dimension" || mode === "why") {
      if (/^[a-z]$/.test(key) && !pick(mode, key)) return false;
      if (/^[a-z]$/.test(key)) return true;
    }
    if (digit && form()) {
      if (event.shiftKey && digit === "1" && !chosen("dimension")) {
        grade = "1";
        ask("dimension");
      } else start(digit);
      return true;
    }
    return letter(key, event);
  }
  function letter(key, event) {
    if (key === "r" && form()) ask(mode === "cite" ? "" : "cite");
    else if (key === "i" && form()) form().elements.picture_decided.checked = !form().elements.picture_decided.checked;
    else if (key === "c" && form()) form().elements.comment.focus();
    else return work.sharedKey(event);
    return true;
  }

  document.addEventListener("lore:answer", (event) => {
    if (event.detail?.name === "grade") start(event.detail.value);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches('#stage input[name="dimension"], #stage input[name="disagreement"]')) picked(event.target);
    if (event.target.matches('#stage input[name="rules_cited"]')) event.target.dataset.touched = "1";
  });
  // A chosen chip is let go by choosing it again: radios alone cannot.
  document.addEventListener("pointerdown", (event) => {
    const radio = event.target.closest("#stage .chip")?.querySelector("input");
    if (radio) radio.dataset.was = radio.checked;
  });
  document.addEventListener("click", (event) => {
    if (!event.target.matches('#stage .chip input[data-was="true"]')) return;
    event.target.checked = false;
    event.target.dataset.was = "";
  });
  document.addEventListener("lore:subject", () => forget());
})();
