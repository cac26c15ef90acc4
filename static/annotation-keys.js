// Which key means what to this person: her own map, as the server gives it with the page.
"use strict";

window.loreKeys = (() => {
  const holder = document.getElementById("work-keymap");
  const keys = holder ? JSON.parse(holder.textContent) : {};
  const actions = new Map(Object.entries(keys).map(([action, key]) => [key, action]));

  // By the place of the key where its character says nothing: French layouts type digits with Shift alone, Greek, Russian,
  // Hebrew or Arabic ones no Latin letter at all. With Shift a digit's place counts for L1 alone, which asks what conflicts.
  const FOREIGN = /[^\u0000-\u007f]/;
  const SIGNS = { KeyQ: "/;", KeyW: "'" }; // what Hebrew and Greek keyboards type there
  function digit(event) {
    if (/^\d$/.test(event.key)) return event.key;
    const number = FOREIGN.test(event.key) ? /^(?:Digit|Numpad)(\d)$/ : /^Digit(\d)$/; // Arabic digits, on any key
    const at = number.exec(event.code)?.[1] || "";
    return event.shiftKey && at !== keys.grade_1 ? "" : at;
  }
  function letter(event) {
    const key = event.key.toLowerCase();
    const place = /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase();
    return place && (FOREIGN.test(key) || SIGNS[event.code]?.includes(key)) ? place : key;
  }
  // The action of a key press, or "".
  const action = (event) => actions.get(event.key.toLowerCase()) || actions.get(digit(event)) || actions.get(letter(event)) || "";
  // Where the page fits its window the arrows are free for an item that does not fit its card. True where they moved it.
  function scrolled(event) {
    const step = { ArrowDown: 60, ArrowUp: -60, PageDown: 300, PageUp: -300 }[event.key];
    const card = step && document.querySelector(".item-card");
    if (!card || event.target.closest("input, select, textarea, .card, .picture") || card.scrollHeight <= card.clientHeight) return false;
    if (document.documentElement.scrollHeight > innerHeight) return false;
    card.scrollTop += step;
    event.preventDefault();
    return true;
  }
  return { action, digit, letter, keys, scrolled };
})();
