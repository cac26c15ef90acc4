// The page where a model's suggestions are reviewed in rows: one row has the keys, arrows move, Space marks, Enter accepts
// what is marked. A verdict itself is typed as on the grade page (annotation-grade.js), in the row that has the keys.
"use strict";

(() => {
  const work = window.loreWork;
  const stage = document.getElementById("stage");
  if (!work || document.getElementById("work").dataset.kind !== "review") return;
  const button = document.querySelector("[data-accept-marked]");
  const rows = () => [...stage.querySelectorAll("article.subject")];
  const box = (row) => row.querySelector("[data-mark]");
  const marked = () => rows().filter((row) => box(row).checked);

  function count() {
    button.querySelector("[data-marked]").textContent = marked().length;
    button.disabled = !marked().length;
  }
  function mark(row, on) {
    box(row).checked = on;
    if (on) row.dataset.seconds = work.seconds().toFixed(2); // looking at it ended here, not when all are sent
    else delete row.dataset.seconds;
    count();
  }
  function move(step) {
    const all = rows();
    const to = all[all.indexOf(work.current()) + step];
    if (to) work.focus(to);
  }
  // Row by row, so that one that has to say why stops the walk with its question.
  function acceptMarked() {
    for (const row of marked()) {
      work.focus(row);
      window.loreGrade.accept();
      if (row.isConnected) return;
    }
    count();
  }

  // Before the grade page's own handler, which has no use for these keys.
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("textarea, select, input:not([type=checkbox], [type=radio])") || !work.current()) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === " " && !event.target.closest("button, summary, a, input")) {
      mark(work.current(), !box(work.current()).checked);
      move(1);
    } else if (event.key === "Enter" && marked().length && !event.target.closest("button, summary, a")) acceptMarked();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  for (const kind of ["pointerdown", "focusin"]) {
    stage.addEventListener(kind, (event) => {
      const row = event.target.closest("article.subject");
      if (row && row !== work.current()) work.focus(row, false);
    });
  }
  stage.addEventListener("change", (event) => {
    if (event.target.matches("[data-mark]")) mark(event.target.closest("article.subject"), event.target.checked);
  });
  button.addEventListener("click", acceptMarked);
  document.addEventListener("lore:subject", count);
})();
