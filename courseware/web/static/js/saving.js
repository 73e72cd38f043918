// "Saved" of an older answer must not stand beside a newer one: from a change until it is acknowledged the receipt says so.
// That is not told aloud, and does not take the place of what went wrong.
"use strict";
function saving(receipt, said) {
  if (receipt.classList.contains("wrong")) return;
  const silent = document.createElement("span");
  silent.setAttribute("aria-hidden", "true");
  silent.textContent = said;
  receipt.replaceChildren(silent);
}
