// While an author types: the draft is kept, the question beside it shown anew, and each fault put to its field. Without this script the buttons do the same.
"use strict";
(() => {
  const write = document.getElementById("write");
  const tryForm = document.getElementById("try");
  if (!write || !write.dataset.live) return;
  const saved = document.getElementById("saved");
  const preview = document.getElementById("preview");
  const PAUSE = 700; // milliseconds without a key
  let timer = null;
  let running = false;
  let again = null; // what was asked for while a request was under way
  let stopped = false;
  let typed = 0; // counts the changes …
  let kept = 0; // … and those that the server is known to hold
  let pressed = null; // a button that waits for the request under way, which may change what the page says it began from

  function body(extra) {
    const sent = new URLSearchParams(new FormData(write));
    if (tryForm) for (const [name, value] of new FormData(tryForm)) if (name !== "csrf_token") sent.append(name, value);
    for (const [name, value] of Object.entries(extra)) sent.set(name, value);
    return sent;
  }

  function showFaults(told) {
    for (const place of write.querySelectorAll(".field-error")) {
      const sentences = (told.errors || {})[place.id.slice(2)] || [];
      place.hidden = !sentences.length;
      place.replaceChildren(...sentences.map((sentence) => Object.assign(document.createElement("div"), { textContent: sentence })));
      const control = document.getElementById(place.id.slice(2));
      if (control && control.matches("input, textarea, select")) control.toggleAttribute("aria-invalid", Boolean(sentences.length));
    }
    const loose = document.getElementById("loose");
    if (!loose) return;
    const sentences = [...(told.problem ? [told.problem] : []), ...(told.loose || [])];
    loose.hidden = !sentences.length;
    loose.replaceChildren(...sentences.map((sentence) => Object.assign(document.createElement("div"), { textContent: sentence })));
  }

  async function send(extra) {
    if (stopped) return;
    if (running) { again = { ...again, ...extra }; return; }
    running = true;
    const upTo = typed;
    const from = write.elements.base.value;
    try {
      const answer = await fetch(write.dataset.live, { method: "POST", body: body(extra), headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.error || "");
      if (preview) {
        const focus = preview.contains(document.activeElement) ? document.activeElement.id : "";
        preview.innerHTML = told.html;
        if (focus && document.getElementById(focus)) document.getElementById(focus).focus();
      }
      showFaults(told);
      if (told.base && write.elements.base.value === from) write.elements.base.value = told.base;
      if (told.time) kept = upTo;
      saved.textContent = told.time && upTo === typed ? write.dataset.saved.replace("{time}", told.time) : "";
      stopped = Boolean(told.problem);
    } catch (failure) {
      saved.textContent = failure.message || write.dataset.unsent;
      clearTimeout(timer);
      timer = setTimeout(() => send({}), 5000);
    } finally {
      running = false;
      if (pressed) { const button = pressed; pressed = null; stopped = true; write.requestSubmit(button); }
      else if (again) { const next = again; again = null; send(next); }
    }
  }

  write.addEventListener("input", () => { if (kept === typed) saved.textContent = ""; typed += 1; clearTimeout(timer); timer = setTimeout(() => send({}), PAUSE); });
  write.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (running) { event.preventDefault(); pressed = event.submitter; }
    else kept = typed; // it is on its way
  });
  addEventListener("beforeunload", (event) => { if (kept < typed) event.preventDefault(); });
  if (tryForm) tryForm.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    send(button && button.name === "seed" ? { seed: button.value } : { check: "1" });
  });
})();
