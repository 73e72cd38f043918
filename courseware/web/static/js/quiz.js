// Saves the answers of a quiz as they are given. "Saved" appears only after the server named the very sequence and hash that this page sent;
// what it has not acknowledged stays in this browser (unsent.js), for this person and attempt, and is sent again.
//
// One save of a question is under way at a time, and it is sent unchanged until the server has answered it. Its sequence is one above the
// answer that this page had before it. So the server, which lets only a higher sequence in, refuses a save that builds on an older answer
// than the one it holds: another window or device was quicker, and the learner chooses which of the two stays.
"use strict";
(async () => {
  const READ = 1000; // ms that the browser may take to find what earlier pages left
  const sitting = document.getElementById("sitting");
  const form = document.getElementById("answer"); // on the page of a question
  const handIn = document.getElementById("hand-in"); // on the look-over page
  const receipt = document.getElementById("receipt");
  const choice = document.getElementById("choice"); // between two versions, on the page of a question
  const words = sitting.dataset;
  const token = (form || handIn || sitting).querySelector("[name=csrf_token]").value;
  const PAUSE = 800, SLOW = 4000, PATIENCE = 10000, AGAIN = 1000, LONGEST = 10000; // ms
  const isEnded = "ended" in words; // on the page of a result: nothing is left to choose, what comes is kept as late

  let text = [...receipt.childNodes]; // what stands there while nothing is wrong
  const say = (said, more, isGood = true) => {
    receipt.replaceChildren(said, ...(more ? [" ", Object.assign(document.createElement("span"), { textContent: "· " + more })] : []));
    receipt.classList.toggle("wrong", !isGood);
    if (isGood) text = [...receipt.childNodes];
  };
  const fill = (said, values) => said.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  // What waits, by question: {fields, sequence, key}, `tried` once it may have reached the server, `next` what was typed since then,
  // `other` the sequence of another window's answer that stands against it, `aside` once the learner took that one.
  const page = random(), waiting = new Map();
  const name = (id) => `${words.store}${id}:${page}`;
  const get = (id) => waiting.get(id)?.[1];
  const isSendable = (id) => waiting.has(id) && (isEnded ? !get(id).aside : !get(id).other);
  const isUndecided = (id) => Boolean(get(id)?.other && !get(id).aside);
  const sendable = () => [...waiting.keys()].filter(isSendable);
  const undecided = () => [...waiting.keys()].filter(isUndecided);
  function keep(id, value) {
    const was = waiting.get(id) ?? null, now = value && [name(id), value];
    if (now) waiting.set(id, now); else waiting.delete(id);
    return unsent.replace(was, now).catch(() => {}); // a browser may refuse storage; then it lives in the page alone
  }
  const fresh = (given, sequence) => ({ fields: given, sequence, key: random() });
  async function adopt() { // what earlier pages left behind
    for (const [where, value] of await unsent.all(words.store).catch(() => [])) {
      const id = where.slice(words.store.length, where.lastIndexOf(":")), mine = get(id);
      if (!where.endsWith(page) && (!mine || mine.sequence < value.sequence)) waiting.set(id, [where, value]);
    }
  }
  const question = form && !("done" in form.dataset) ? form.dataset.question : null;
  const own = (field) => field === question || field.startsWith(question + ".");
  let base = form ? Number(form.elements.sequence.value) - 1 : 0; // the sequence of the answer that this page builds on
  let timer = null, failures = 0, sending = null, stopped = false, leaving = false;

  // A file goes with the form, and a button says something only when it is pressed.
  const inputs = () => [...form.elements].filter((input) => input.name && own(input.name) && !["file", "submit", "button", "reset"].includes(input.type));
  function fields() {
    const given = Object.fromEntries(inputs().map((input) => [input.name, []]));
    for (const [field, value] of new FormData(form)) if (field in given) given[field].push(value);
    return given;
  }
  function restore(given) {
    const left = structuredClone(given);
    for (const input of inputs()) {
      if (input.type === "radio" || input.type === "checkbox") input.checked = (given[input.name] || []).includes(input.value);
      else input.value = left[input.name]?.shift() ?? "";
      input.dispatchEvent(new Event("input")); // for who watches this very field; the form, where edits are heard, does not get it
    }
  }
  function stand(sequence, mark) { // the form itself builds on the same answer as the script
    base = sequence;
    form.elements.sequence.value = base + 1;
    form.elements.key.value = random();
    if (mark) form.elements.was.value = mark;
  }

  function edited() {
    const entry = get(question);
    if (!entry || entry.aside) keep(question, fresh(fields(), base + 1));
    else keep(question, entry.tried && !entry.other ? { ...entry, next: fields() } : { ...entry, fields: fields() });
    showChoice();
    if (isSendable(question)) { saving(receipt, words.saving); later(PAUSE); }
  }
  const later = (wait) => { clearTimeout(timer); timer = setTimeout(flush, wait); };

  // Sends what can be sent, one after the other; resolves to whether the server answered each.
  function flush() {
    clearTimeout(timer); timer = null;
    sending ??= sendAll().finally(() => { sending = null; });
    return sending;
  }
  async function sendAll() {
    for (const id of sendable()) {
      if (stopped) return false;
      if (await send(id)) { failures = 0; continue; }
      if (!stopped) later(Math.min(LONGEST, AGAIN * 2 ** failures++) * (0.5 + Math.random() / 2));
      return false;
    }
    if (sendable().length) later(PAUSE); // typed meanwhile
    return true;
  }
  async function send(id) {
    keep(id, { ...get(id), tried: true });
    const { fields: given, sequence, key } = get(id), body = JSON.stringify({ question: id, fields: given, sequence, key });
    const slow = setTimeout(() => say(words.unsaved, "", false), SLOW);
    let answer, said;
    try {
      answer = await fetch(words.answers, {
        method: "POST", credentials: "same-origin", redirect: "error", keepalive: body.length < 16000, signal: AbortSignal.timeout(PATIENCE),
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token }, body,
      });
      said = await answer.json();
    } catch { say(words.unsaved, "", false); return false; } finally { clearTimeout(slow); }
    if (answer.ok) return acknowledged(id, sequence, body, said, answer.headers.get("Date"));
    if (answer.status === 400 || answer.status === 401) { stopped = true; say(words.closed, "", false); return false; }
    if (answer.status >= 500 || answer.status === 429 || answer.status === 408) { say(words.unsaved, "", false); return false; }
    keep(id, null); // refused for good: sending it again would not help. It still stands in the form
    say(said.error || words.unsaved, "", false);
    return true;
  }
  function acknowledged(id, sequence, body, said, date) {
    if (said.received !== sha256(body)) { say(words.unsaved, "", false); return false; } // not what was sent
    if (date) heard(Date.parse(date) / 1000);
    const { fields: given, next } = get(id), newest = next ?? given;
    if (said.late) {
      keep(id, null);
      say(words.late, "", false);
    } else if (said.kept && said.sequence === sequence) {
      keep(id, next ? fresh(next, sequence + 1) : null);
      if (id === question) stand(sequence, said.sha256);
      if (!next) say(fill(words.saved, said), fill(words.receipt, { sequence, receipt: said.sha256.slice(0, 4) + "-" + said.sha256.slice(4, 8) }));
      mark(id, said);
    } else if (said.kept) { // another window saved the same: now on top of it
      keep(id, fresh(newest, said.sequence + 1));
    } else {
      keep(id, { ...fresh(newest, said.sequence + 1), other: said.sequence });
      if (id === question) showChoice();
      showUndecided();
    }
    return true;
  }

  // Two versions of one answer
  function showChoice() {
    if (!choice) return;
    const entry = get(question), isShown = Boolean(entry?.other);
    choice.hidden = !isShown;
    if (!isShown) return;
    for (const one of choice.querySelectorAll("[data-aside]")) one.hidden = !entry.aside;
    for (const one of choice.querySelectorAll("[data-mine]")) one.hidden = entry.aside;
    if (!entry.aside) say(words.choose, "", false);
  }
  function showUndecided() {
    for (const mark of document.querySelectorAll(".undecided")) mark.hidden = !isUndecided(mark.dataset.question);
  }
  choice?.addEventListener("click", async ({ target }) => {
    const pressed = target.closest("button")?.value, entry = get(question);
    if (pressed === "take") {
      leaving = true;
      await keep(question, { ...entry, aside: true });
      location.assign(words.here); // the other one, as the server holds it
    } else if (pressed === "keep") {
      restore(entry.fields);
      keep(question, fresh(entry.fields, (entry.aside ? base : entry.other) + 1));
      showChoice();
      receipt.classList.remove("wrong");
      saving(receipt, words.saving);
      flush();
    }
  });

  // The squares tell which questions are answered.
  const squares = [...document.querySelectorAll(".navigator [data-question]")];
  function mark(id, said) {
    const square = squares.find((one) => one.dataset.question === id);
    if (!square) return;
    square.classList.toggle("answered", said.answered);
    square.setAttribute("aria-label", said.answered ? square.dataset.answered : square.dataset.empty);
    const besides = squares.filter((one) => one.classList.contains("answered") && !one.hasAttribute("aria-current")).length;
    document.getElementById("besides").textContent = fill(words.besides, { count: besides, of: words.of });
  }

  const served = question && JSON.stringify(fields());
  await Promise.race([adopt(), new Promise((done) => { setTimeout(done, READ); })]);
  if (question) {
    const entry = get(question);
    if (entry && !entry.aside) {
      restore(entry.next ?? entry.fields);
      if (!entry.other) say(words.restored, "");
    } else if (JSON.stringify(fields()) !== served) edited(); // somebody was quicker than this script
    showChoice();
    form.addEventListener("input", ({ target }) => { if (inputs().includes(target)) edited(); });
  }
  form?.addEventListener("submit", async (event) => {
    if (leaving || !question || !waiting.has(question) || get(question).aside) { leaving = true; return; }
    event.preventDefault(); // what was typed comes first; then the form goes on without saving it once more
    while (isSendable(question) && await flush());
    if (isUndecided(question)) { choice.scrollIntoView({ block: "center" }); choice.querySelector("button:not([hidden])").focus(); }
    if (waiting.has(question) || leaving) return;
    leaving = true;
    form.requestSubmit(event.submitter);
  });
  let asked = false; // once; who presses again hands in what the server holds
  handIn?.addEventListener("submit", async (event) => {
    const isAtOnce = "atOnce" in handIn.dataset;
    if (leaving || (!sendable().length && (isAtOnce || asked || !undecided().length))) { leaving = true; return; }
    event.preventDefault();
    while (sendable().length && await flush());
    if (sendable().length || leaving) return;
    if (undecided().length && !isAtOnce && !asked) { asked = true; say(words.undecided, "", false); document.querySelector(".undecided:not([hidden])")?.scrollIntoView({ block: "center" }); return; }
    leaving = true;
    handIn.requestSubmit();
  });
  showUndecided();
  if (handIn && "atOnce" in handIn.dataset) flush().then((isDone) => { if (isDone) handIn.requestSubmit(); });
  else if (sendable().length) flush();

  addEventListener("offline", () => { receipt.classList.add("wrong"); receipt.replaceChildren(words.offline); });
  addEventListener("online", () => { failures = 0; if (sendable().length) flush(); else { receipt.classList.remove("wrong"); receipt.replaceChildren(...text); } });
  if (!navigator.onLine) dispatchEvent(new Event("offline"));
  addEventListener("visibilitychange", () => { if (document.hidden && sendable().length) flush(); });
  addEventListener("beforeunload", (event) => { if (!leaving && sendable().length) event.preventDefault(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // The clock is decoration: the server's decides, and every save tells it anew. This device's own is never asked for the time.
  const clock = document.querySelector(".timer[data-end]");
  const { end, now, start } = Object.fromEntries(Object.entries(clock?.dataset ?? {}).map(([key, value]) => [key, Number(value)]));
  const seconds = () => performance.now() / 1000;
  let ahead = (now ?? 0) - seconds(); // how far the server's clock is from this page's seconds
  function heard(date) { if (Math.abs(date - seconds() - ahead) > 2) ahead = date - seconds(); } // as after the lid was closed
  if (clock) {
    const shown = clock.querySelector("[data-clock]"), [until, remains] = clock.querySelectorAll(".meta");
    until.hidden = true;
    remains.hidden = false;
    const tick = async () => {
      const left = end - seconds() - ahead, whole = Math.max(0, Math.ceil(left));
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
