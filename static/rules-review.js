// Comments with @ and a person's name completed from the members of the corpus; the browser's own time zone in a plan.
"use strict";

(() => {
  const zone = document.querySelector("[data-time-zone]");
  if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || zone.value;

  const members = () => [...document.querySelectorAll("#members option")].map((option) => option.value);
  let open = null; // {area, list, from, at}

  function close() {
    open?.list.remove();
    open = null;
  }
  function offer(area) {
    close();
    const typed = area.value.slice(0, area.selectionStart).match(/(?:^|\s)@([^@[\]\n]{0,40})$/);
    if (!typed) return;
    const found = members().filter((name) => name.toLowerCase().startsWith(typed[1].toLowerCase())).slice(0, 8);
    if (!found.length) return;
    const list = document.createElement("ul");
    list.className = "rules-people";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "People");
    for (const name of found) {
      const row = document.createElement("li");
      row.textContent = name;
      row.setAttribute("role", "option");
      list.append(row);
    }
    area.closest("form").append(list);
    open = { area, list, from: area.selectionStart - typed[1].length - 1, at: 0 };
    mark(0);
  }
  function mark(step) {
    const rows = [...open.list.children];
    open.at = (open.at + step + rows.length) % rows.length;
    rows.forEach((row, number) => row.setAttribute("aria-selected", String(number === open.at)));
  }
  function take(name) {
    const { area, from } = open;
    close();
    area.setRangeText(`@[${name}] `, from, area.selectionStart, "end");
    area.focus();
  }
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-mention]")) offer(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[data-mention]")) return;
    if (open) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(event.key === "ArrowDown" ? 1 : -1);
      else if (event.key === "Enter" || event.key === "Tab") take(open.list.children[open.at].textContent);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form.requestSubmit();
  });
  document.addEventListener("mousedown", (event) => {
    const row = event.target.closest(".rules-people li");
    if (!row) return;
    event.preventDefault();
    take(row.textContent);
  });
  document.addEventListener("focusout", (event) => {
    if (open && event.target === open.area) close();
  });
})();
