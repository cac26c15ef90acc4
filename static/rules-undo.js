// What a mend or the cross of a row changed can be taken back, the newest first: by the button, or by Ctrl+Z before anything
// else is typed. What was typed into the same place since stays.
"use strict";

const undoSteps = []; // {said, back: [() => void]}, the newest last
let undoTyped = false;

function undoKeep(said, back) {
  undoSteps.push({ said, back });
  undoTyped = false;
  undoShow();
}

function undoShow() {
  const bar = document.getElementById("rules-undo");
  const last = undoSteps[undoSteps.length - 1];
  bar.hidden = !last;
  bar.querySelector("span").textContent = last?.said ?? "";
}

function undoLast() {
  const last = undoSteps.pop();
  last.back.reverse().forEach((step) => step());
  undoTyped = false;
  undoShow();
  ruleChanged();
}

// The control as it is before `value` is written into it: a function that puts that back.
function undoOfControl(control, value) {
  const was = control.value;
  return () => {
    if (control.value !== value) return;
    setControl(control, was);
    control.focus();
  };
}

// The row where it stands now: a function that puts it back there.
function undoOfRow(row) {
  const { parentElement: list, nextElementSibling: next } = row;
  return () => {
    list.insertBefore(row, next?.parentElement === list ? next : null);
    row.querySelector("textarea").focus();
  };
}

document.addEventListener("input", (event) => { undoTyped ||= event.isTrusted; });
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-undo]")) undoLast();
});
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  if (!undoSteps.length || undoTyped) return; // what is typed, the browser takes back by itself
  event.preventDefault();
  undoLast();
});
