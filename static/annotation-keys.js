// Which key means what to this person: her own map, as the server gives it with the page.
"use strict";

window.loreKeys = (() => {
  const holder = document.getElementById("work-keymap");
  const keys = holder ? JSON.parse(holder.textContent) : {};
  const actions = new Map(Object.entries(keys).map(([action, key]) => [key, action]));

  // The action of a key press, or "". Digits are found by their place too: other layouts type them with Shift alone.
  function action(event, prefix = "") {
    const found = actions.get(event.key.toLowerCase()) || actions.get(/^Digit(\d)$/.exec(event.code)?.[1]) || "";
    return found.startsWith(prefix) ? found : "";
  }
  return { action, keys };
})();
