// Saves a case answer as it is typed. "Saved" appears only after the server said so; what it has not said so about stays in this browser.
"use strict";
(async () => {
  const form = document.getElementById("case-form");
  const text = document.getElementById("text");
  const receipt = document.getElementById("receipt");
  const count = document.getElementById("count");
  const sequence = form.elements.sequence;
  const words = form.dataset;
  const PAUSE = 1200, AGAIN = 8000, PATIENCE = 10000, READ = 1000; // ms
  let timer = null, sending = null, dirty = false, stopped = false, leaving = false;

  const typed = () => ({ text: text.value, questions: [...form.querySelectorAll("[name=questions]:checked")].map((box) => box.value) });
  const size = (value) => words.language === "zh" ? (value.match(/[\p{L}\p{N}]/gu) || []).length : (value.match(/\S+/g) || []).length;
  const say = (message, good) => { receipt.textContent = message; receipt.classList.toggle("wrong", !good); };

  // What is not acknowledged: this window's text under a name of its own, and what earlier windows left. A browser may refuse to keep it; then it lives in the page alone.
  const name = words.store + [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  let mine = null, left = [];
  function keep() {
    mine = [name, { ...typed(), base: Number(sequence.value) - 1 }];
    unsent.replace(null, mine).catch(() => {});
  }
  function forget(...entries) {
    for (const entry of entries) unsent.replace(entry, null).catch(() => {});
  }

  function later(wait) { clearTimeout(timer); timer = setTimeout(send, wait); }
  function send() { // one at a time; resolves to whether the server answered
    clearTimeout(timer); timer = null;
    sending ??= post().finally(() => { sending = null; });
    return sending;
  }
  async function post() {
    if (!dirty || stopped) return true;
    dirty = false;
    const body = JSON.stringify({ ...typed(), sequence: Number(sequence.value) });
    sequence.value = String(Number(sequence.value) + 1); // whatever is sent next is newer than this
    let answer, said;
    try {
      answer = await fetch(form.action, {
        method: "POST", credentials: "same-origin", redirect: "error", keepalive: body.length < 16000, signal: AbortSignal.timeout(PATIENCE),
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value }, body,
      });
      said = await answer.json().catch(() => ({}));
    } catch { return again(words.unsaved); }
    if (answer.ok && said.stored) {
      sequence.value = String(Math.max(Number(sequence.value), said.sequence + 1));
      if (dirty) { receipt.classList.remove("wrong"); saving(receipt, words.saving); later(PAUSE); } // typed meanwhile
      else { say(`${words.saved} ${said.time}`, true); forget(...left.splice(0), ...(mine ? [mine] : [])); mine = null; }
    } else if (answer.ok) {
      stop(words.other);
    } else if (answer.status === 401 || answer.status === 400) {
      stop(words.closed);
    } else if (answer.status >= 500 || answer.status === 429 || answer.status === 408) {
      return again(said.error || words.unsaved);
    } else {
      stopped = answer.status === 409; // else refused for what it says: the next change is sent again
      say(said.error || words.unsaved, false);
    }
    return true;
  }
  function stop(why) { stopped = true; say(why, false); }
  function again(why) { dirty = true; say(why, false); later(AGAIN); return false; }

  function changed() {
    dirty = true;
    count.textContent = String(size(text.value));
    keep();
    saving(receipt, words.saving);
    later(PAUSE);
  }

  function showBeside(older) {
    const label = document.createElement("label");
    const box = document.createElement("textarea");
    label.className = "form-label"; label.htmlFor = box.id = "unsent"; label.textContent = words.unsent;
    box.className = "form-control case-text"; box.readOnly = true; box.rows = 8; box.value = older;
    receipt.after(label, box);
  }

  const served = JSON.stringify(typed()), isServed = ({ text: kept, questions }) => JSON.stringify({ text: kept, questions }) === served;
  const wait = new Promise((done) => { setTimeout(done, READ, []); });
  left = await Promise.race([unsent.all(words.store).catch(() => []), wait]);
  const others = left.map(([, entry]) => entry).filter((entry) => !isServed(entry)).sort((one, other) => other.base - one.base);
  const newest = others[0];
  if (JSON.stringify(typed()) !== served) changed(); // somebody was quicker than this script
  else if (!newest) { if (!document.getElementById("problem")) forget(...left.splice(0)); } // what was refused is in this page alone
  else if (newest.base >= Number(sequence.value) - 1) {
    others.shift();
    text.value = newest.text;
    for (const box of form.querySelectorAll("[name=questions]")) box.checked = newest.questions.includes(box.value);
    changed();
    say(words.restored, true);
  }
  if (others.length) showBeside(others.map((entry) => entry.text).join("\n\n---\n\n"));

  form.addEventListener("input", changed);
  form.addEventListener("submit", async (event) => {
    if (leaving || stopped || (!dirty && !sending)) { leaving = true; return; }
    event.preventDefault(); // what was typed comes first; then the form goes on
    const { submitter } = event;
    while (dirty && !stopped && await send());
    if (sending) await sending;
    if (dirty || leaving) return;
    leaving = true;
    form.requestSubmit(submitter);
  });
  addEventListener("online", () => { if (dirty) send(); });
  addEventListener("visibilitychange", () => { if (document.hidden && dirty) send(); });
  addEventListener("beforeunload", (event) => { if (dirty && !leaving) event.preventDefault(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
