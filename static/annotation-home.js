// Answers that an earlier working page left in this browser leave from here as well: whoever does not go on judging today
// has not lost her last ones. They are seen on their way and when they have arrived.
"use strict";

(() => {
  const queue = window.loreQueue;
  if (!queue) return;
  queue.page.stock = () => [["holding", "99"]]; // no subject is wanted here
  queue.page.refused = () => undefined;
  queue.recall().then((slots) => { queue.root.hidden = !slots.length; });
})();
