// The grade page's keys: a verdict is one key (two for L2). One delegated handler on the document, so that no key of a fast
// typist is lost between two subjects.
"use strict";

(() => {
  const work = window.loreWork;
  if (!work) return;
  const keys = window.loreKeys;
  let mode = ""; // "" | "dimension" | "why" | "cite"
  let grade = "";

  const form = () => work.current()?.querySelector("form[data-answer]");
  const chosen = (name) => form()?.querySelector(`input[name="${name}"]:checked`);

  function ask(next) {
    mode = next;
    const card = work.current();
    for (const set of card?.querySelectorAll("[data-ask]") || []) set.classList.toggle("asking", set.dataset.ask === mode);
    card?.querySelector(".rules-card")?.classList.toggle("asking", mode === "cite");
    for (const button of card?.querySelectorAll(".level") || []) button.classList.toggle("pending", Boolean(grade) && button.value === grade);
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
    if (reason === "rule_wrong" || reason === "not_applicable") uncite();
    const extra = { grade };
    if (Number(grade) > 2) extra.dimension = "";
    if (!allowed || (allowed.includes(grade) && reason !== "i_was_wrong")) extra.disagreement = "";
    const said = words(extra, reason);
    grade = "";
    mode = "";
    return work.submit(extra, said);
  }
  function words(extra, reason) {
    const dimension = "dimension" in extra ? "" : chosen("dimension")?.value;
    const why = (extra.disagreement ?? reason) && chosen("disagreement").nextElementSibling.lastChild.textContent.trim();
    const cited = [...form().querySelectorAll('input[name="rules_cited"]:checked')].map((box) => box.value);
    const picture = form().elements.picture_decided?.checked;
    return [
      `L${grade}${dimension ? `-${dimension}` : ""}`, why && `Against the rules: ${why}`,
      cited.length && `Cites ${cited.join(", ")}`, picture && "The picture decided",
    ];
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
  // The model's verdict as one's own. Where the rules do not leave it open, why is asked as ever.
  function accept() {
    const suggestion = form()?.querySelector(".suggestion");
    if (!suggestion) return false;
    const { dimension } = suggestion.dataset;
    for (const radio of form().querySelectorAll('input[name="dimension"]')) radio.checked = radio.value === dimension;
    start(suggestion.dataset.grade);
    return true;
  }
  function cite(digit) {
    const box = form()?.querySelectorAll('input[name="rules_cited"]')[Number(digit) - 1];
    if (box) {
      box.checked = !box.checked;
      box.dataset.touched = "1";
      work.keepDraft();
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
    if (combined) return;
    if (keys.scrolled(event)) return;
    if (event.repeat) return;
    if (used(event)) event.preventDefault();
  });

  function used(event) {
    const key = keys.letter(event);
    if (key === "escape") {
      forget();
      return true;
    }
    if (mode === "cite" && Number(keys.digit(event))) {
      cite(keys.digit(event));
      return true;
    }
    const action = keys.action(event);
    const level = action.startsWith("grade_") ? action.slice(6) : "";
    if ((mode === "dimension" || mode === "why") && key.length === 1 && !level) return pick(mode, key);
    if (level && form()) {
      if (event.shiftKey && level === "1" && !chosen("dimension")) {
        grade = "1";
        ask("dimension");
      } else start(level);
      return true;
    }
    return act(action, event);
  }
  function decide() {
    const box = form().elements.picture_decided;
    box.checked = !box.checked;
    work.keepDraft();
  }
  function act(action, event) {
    if (action === "accept") return accept();
    if (action === "cite" && form()) ask(mode === "cite" ? "" : "cite");
    else if (action === "picture" && form()) decide();
    else if (action === "comment" && form()) form().elements.comment.focus();
    else if (action === "principle" && form()) work.toggle("[data-principle]");
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
    if (event.target.closest("#stage [data-accept]")) accept();
    if (!event.target.matches('#stage .chip input[data-was="true"]')) return;
    event.target.checked = false;
    event.target.dataset.was = "";
  });
  document.addEventListener("lore:subject", () => forget());
  window.loreGrade = { accept };
})();
