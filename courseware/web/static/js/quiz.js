// Saves the answers of a quiz as they are given. "Saved" appears only after the server said so;
// what it has not said so about stays in this browser, for this person and attempt, and is sent again.
"use strict";
(() => {
  const sitting = document.getElementById("sitting");
  const form = document.getElementById("answer"); // on the page of a question
  const handIn = document.getElementById("hand-in"); // on the look-over page
  const receipt = document.getElementById("receipt");
  const words = sitting.dataset;
  const token = (form || handIn || sitting).querySelector("[name=csrf_token]").value;
  const PAUSE = 800, AGAIN = 1500, LONGEST = 30000;

  const say = (text, more, good = true) => {
    receipt.textContent = text;
    receipt.classList.toggle("wrong", !good);
    if (more) receipt.append(" ", Object.assign(document.createElement("span"), { textContent: "· " + more }));
  };
  const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  const newKey = () => crypto.randomUUID ? crypto.randomUUID() // only where the page came by https or from this machine
    : [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  // A browser may refuse storage; then what is unsent lives in the page alone.
  const memory = new Map();
  const store = (() => { try { localStorage.setItem(words.store, "1"); localStorage.removeItem(words.store); return localStorage; } catch { return null; } })();
  const read = (name) => { try { return JSON.parse(store ? store.getItem(words.store + name) : memory.get(name) ?? null); } catch { return null; } };
  const write = (name, value) => { const text = JSON.stringify(value); try { if (store) store.setItem(words.store + name, text); else memory.set(name, text); } catch { memory.set(name, text); } };
  const forget = (name) => { memory.delete(name); try { store?.removeItem(words.store + name); } catch { /* as said above */ } };
  const names = () => (store ? Object.keys(store).filter((key) => key.startsWith(words.store)).map((key) => key.slice(words.store.length)) : [...memory.keys()]);
  const unsent = () => names().filter((name) => name.startsWith("a:")).map((name) => [name.slice(2), read(name)]).filter(([, entry]) => entry);

  // What the server holds already (each square tells its sequence) need not be sent.
  for (const square of document.querySelectorAll("[data-question][data-sequence]")) {
    const entry = read("a:" + square.dataset.question);
    if (entry && entry.sequence <= Number(square.dataset.sequence)) forget("a:" + square.dataset.question);
  }

  const question = form && !("done" in form.dataset) ? form.dataset.question : null;
  const own = (name) => name === question || name.startsWith(question + ".");
  let next = form ? Number(form.elements.sequence.value) : 1; // above what the server holds
  let timer = null, failures = 0, sending = null, stopped = false, leaving = false;

  function fields() {
    const given = {};
    for (const input of form.elements) if (input.name && own(input.name)) given[input.name] ??= [];
    for (const [name, value] of new FormData(form)) if (own(name)) given[name].push(value);
    return given;
  }
  function restore(given) {
    for (const input of form.elements) {
      if (!input.name || !own(input.name)) continue;
      const values = given[input.name] || [];
      if (input.type === "radio" || input.type === "checkbox") input.checked = values.includes(input.value);
      else input.value = values[0] ?? "";
    }
  }

  function edited() {
    const entry = { fields: fields(), sequence: next++, key: newKey() };
    write("a:" + question, entry);
    form.elements.sequence.value = next; // should the form itself be sent, it is newer still
    form.elements.key.value = newKey();
    later(PAUSE);
  }
  const later = (wait) => { clearTimeout(timer); timer = setTimeout(flush, wait); };

  // Sends everything unsent, one after the other; resolves to whether nothing is left.
  function flush() {
    clearTimeout(timer); timer = null;
    sending ??= sendAll().finally(() => { sending = null; });
    return sending;
  }
  async function sendAll() {
    for (const [id, entry] of unsent()) {
      if (stopped) return false;
      const done = await send(id, entry);
      if (!done) {
        if (!stopped) later(Math.min(LONGEST, AGAIN * 2 ** failures++) * (0.75 + Math.random() / 2));
        return false;
      }
      failures = 0;
    }
    return unsent().length === 0 || (later(PAUSE), false);
  }
  async function send(id, entry) {
    let answer, said;
    try {
      answer = await fetch(words.answers, {
        method: "POST", credentials: "same-origin", redirect: "error", keepalive: true,
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ question: id, ...entry }),
      });
      said = await answer.json();
    } catch { say(words.unsaved, "", false); return false; }
    if (answer.ok) { acknowledged(id, entry, said); return true; }
    if (answer.status === 400 || answer.status === 401) { stopped = true; say(words.closed, "", false); return false; }
    if (answer.status >= 500 || answer.status === 429) { say(words.unsaved, "", false); return false; }
    forget("a:" + id); // refused for good: sending it again would not help
    say(said.error || words.unsaved, "", false);
    return true;
  }
  function acknowledged(id, entry, said) {
    const newest = read("a:" + id);
    const isNewest = !newest || newest.sequence === entry.sequence;
    if (isNewest) forget("a:" + id);
    if (id === question && said.sequence >= next) { next = said.sequence + 1; form.elements.sequence.value = next; }
    if (said.late) say(words.late, "", false);
    else if (!said.kept) say(words.other, "", false);
    else if (isNewest) say(fill(words.saved, said), fill(words.receipt, { sequence: said.sequence, receipt: said.sha256.slice(0, 4) + "-" + said.sha256.slice(4, 8) }));
    mark(id, said);
  }

  // The squares: answered, and flagged. A flag is a note to oneself and stays in this browser.
  const squares = [...document.querySelectorAll(".navigator [data-question]")];
  function relabel(square) {
    const isAnswered = square.classList.contains("answered"), isFlagged = square.classList.contains("flagged");
    square.setAttribute("aria-label", (isAnswered ? square.dataset.answered : square.dataset.empty) + (isFlagged ? ", " + square.dataset.flagged : ""));
  }
  function mark(id, said) {
    const square = squares.find((one) => one.dataset.question === id);
    if (!square || !said.kept) return;
    square.classList.toggle("answered", said.answered);
    relabel(square);
    const besides = squares.filter((one) => one.classList.contains("answered") && !one.hasAttribute("aria-current")).length;
    document.getElementById("besides").textContent = fill(words.besides, { count: besides, of: words.of });
  }
  function showFlags() {
    for (const square of squares) { square.classList.toggle("flagged", Boolean(read("f:" + square.dataset.question))); relabel(square); }
    for (const word of document.querySelectorAll(".flag-word")) word.hidden = !read("f:" + word.dataset.question);
  }
  showFlags();
  const flag = document.getElementById("flag");
  if (flag) {
    for (const hidden of document.querySelectorAll(".flag")) hidden.hidden = false;
    flag.checked = Boolean(read("f:" + form.dataset.question));
    flag.addEventListener("change", () => { if (flag.checked) write("f:" + form.dataset.question, true); else forget("f:" + form.dataset.question); showFlags(); });
  }

  if (question) {
    const entry = read("a:" + question);
    if (entry) { restore(entry.fields); next = Math.max(next, entry.sequence + 1); form.elements.sequence.value = next; say(words.restored, ""); }
    form.addEventListener("input", (event) => { if (own(event.target.name)) edited(); });
  }
  if (form) form.addEventListener("submit", (event) => {
    if (navigator.onLine) { leaving = true; clearTimeout(timer); return; } // the form saves; the copy stays until the next page shows that it arrived
    event.preventDefault();
    say(words.unsaved, "", false);
  });
  if (handIn) {
    handIn.addEventListener("submit", async (event) => {
      if (!unsent().length) { leaving = true; return; }
      event.preventDefault(); // what is unsent first
      if (await flush()) handIn.requestSubmit();
    });
    if ("atOnce" in handIn.dataset) flush().then((isDone) => { if (isDone) handIn.requestSubmit(); });
  }
  if (unsent().length) flush();

  addEventListener("online", () => { failures = 0; flush(); });
  addEventListener("visibilitychange", () => { if (document.hidden && unsent().length) flush(); });
  addEventListener("beforeunload", (event) => { if (!leaving && unsent().length) event.preventDefault(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // The clock is decoration: the server's decides. How far the two are apart is taken once.
  const clock = document.querySelector(".timer[data-end]");
  if (clock) {
    const { end, now, start } = Object.fromEntries(Object.entries(clock.dataset).map(([name, value]) => [name, Number(value)]));
    const opened = performance.now() / 1000, shown = clock.querySelector("[data-clock]"), [until, remains] = clock.querySelectorAll(".meta");
    until.hidden = true;
    remains.hidden = false;
    const tick = async () => {
      const left = end - now - (performance.now() / 1000 - opened);
      const whole = Math.max(0, Math.ceil(left));
      shown.textContent = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
      clock.classList.toggle("wrong", left < (end - start) / 5);
      if (left > 0) return;
      clearInterval(ticking);
      await flush();
      leaving = true;
      location.assign(words.review);
    };
    const ticking = setInterval(tick, 1000);
    tick();
  }
})();
