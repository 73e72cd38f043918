// After a sign-out nothing of this person stays in the browser: no unsent answer, no flag. The sign-in page loads it once, right then.
"use strict";
(async () => {
  const note = document.getElementById("forgotten"), person = note.dataset.person;
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(`quiz:${person}:`) || name.startsWith(`case:${person}:`)) localStorage.removeItem(name);
  } catch { /* a browser that refuses storage holds nothing */ }
  const count = await unsent.clear(`quiz:${person}:`).catch(() => 0);
  note.hidden = count === 0;
})();
