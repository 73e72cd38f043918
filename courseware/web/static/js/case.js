// Saves a case answer as it is typed. "Saved" appears only after the server said so; what it has not said so about stays in this browser.
"use strict";
(() => {
  const form = document.getElementById("case-form");
  const text = document.getElementById("text");
  const receipt = document.getElementById("receipt");
  const count = document.getElementById("count");
  const sequence = form.elements.sequence;
  const words = form.dataset;
  const PAUSE = 1200, AGAIN = 8000;
  let timer = null, sending = false, dirty = false, closed = false;

  const typed = () => ({ text: text.value, questions: [...form.querySelectorAll("[name=questions]:checked")].map((box) => box.value) });
  const size = (value) => words.language === "zh" ? (value.match(/[\p{L}\p{N}]/gu) || []).length : (value.match(/\S+/g) || []).length;
  const say = (message, good) => { receipt.textContent = message; receipt.classList.toggle("wrong", !good); };

  // A browser may refuse storage; then unsent text lives in the page alone.
  const keep = () => { try { localStorage.setItem(words.store, JSON.stringify({ ...typed(), base: Number(sequence.value) - 1 })); } catch { /* as said above */ } };
  const drop = () => { try { localStorage.removeItem(words.store); } catch { /* as said above */ } };
  const kept = () => { try { return JSON.parse(localStorage.getItem(words.store)); } catch { return null; } };

  function later(wait) { clearTimeout(timer); timer = setTimeout(send, wait); }

  async function send() {
    if (sending || !dirty || closed) return;
    sending = true; dirty = false;
    const body = { ...typed(), sequence: Number(sequence.value) };
    sequence.value = String(body.sequence + 1); // whatever is sent next is newer than this
    try {
      const answer = await fetch(form.action, {
        method: "POST", credentials: "same-origin", redirect: "error",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
        body: JSON.stringify(body),
      });
      const said = await answer.json().catch(() => ({}));
      if (answer.ok && said.stored) {
        say(`${words.saved} ${said.time}`, true);
        if (!dirty) drop();
      } else if (answer.ok) {
        closed = true; say(words.other, false);
      } else if (answer.status === 401 || answer.status === 400) {
        closed = true; say(words.closed, false);
      } else {
        closed = answer.status === 409;
        dirty = !closed; say(said.error || words.unsaved, false);
      }
    } catch {
      dirty = true; say(words.unsaved, false); later(AGAIN);
    } finally {
      sending = false;
      if (dirty && !timer) later(PAUSE);
    }
  }

  function changed() {
    dirty = true;
    count.textContent = String(size(text.value));
    keep();
    later(PAUSE);
  }

  function showBeside(older) {
    const label = document.createElement("label");
    const box = document.createElement("textarea");
    label.className = "form-label"; label.htmlFor = box.id = "unsent"; label.textContent = words.unsent;
    box.className = "form-control case-text"; box.readOnly = true; box.rows = 8; box.value = older;
    receipt.after(label, box);
  }

  const unsent = kept();
  if (unsent && unsent.text === text.value) drop();
  else if (unsent && unsent.base >= Number(sequence.value) - 1) {
    text.value = unsent.text;
    for (const box of form.querySelectorAll("[name=questions]")) box.checked = unsent.questions.includes(box.value);
    say(words.restored, true);
    count.textContent = String(size(text.value));
    dirty = true;
    later(PAUSE);
  } else if (unsent) showBeside(unsent.text);

  form.addEventListener("input", changed);
  form.addEventListener("submit", () => { closed = true; clearTimeout(timer); });
  addEventListener("pagehide", () => { if (dirty) keep(); });
  addEventListener("pageshow", (event) => { if (event.persisted) closed = false; });
})();
