// After a sign-out nothing of this person stays in the browser: no unsent answer. The sign-in page loads it once, right then.
"use strict";
(async () => {
  const note = document.getElementById("forgotten"), person = note.dataset.person;
  const counts = await Promise.all([`quiz:${person}:`, `case:${person}:`].map((prefix) => unsent.clear(prefix).catch(() => 0))); // a browser that refuses storage holds nothing
  note.hidden = !counts.some(Boolean);
})();
