// Grading by keyboard. Single keys can be switched off (WCAG 2.1.4), and never act while something is being typed.
"use strict";
(() => {
  const form = document.getElementById("marking");
  const keys = document.getElementById("keys");
  const criteria = [...form.querySelectorAll("fieldset[data-letter]")];
  const STORE = "grade:single-keys";
  let current = criteria.findIndex((one) => !one.querySelector(":checked"));

  const box = document.createElement("input");
  const label = document.createElement("label");
  box.type = "checkbox"; box.className = "form-check-input";
  try { box.checked = localStorage.getItem(STORE) !== "off"; } catch { box.checked = true; }
  box.addEventListener("change", () => { try { localStorage.setItem(STORE, box.checked ? "on" : "off"); } catch { /* then for this page only */ } });
  label.append(box, ` ${keys.dataset.label}`);
  keys.prepend(label);

  function choose(place) {
    if (place < 0 || place >= criteria.length) return;
    current = place;
    for (const one of criteria) one.classList.toggle("is-current", one === criteria[place]);
    (criteria[place].querySelector(":checked") || criteria[place].querySelector("input")).focus();
    criteria[place].scrollIntoView({ block: "nearest" });
  }

  function set(level) {
    const radio = criteria[Math.max(current, 0)].querySelector(`input[value="${level}"]`);
    if (!radio) return;
    radio.checked = true;
    radio.focus();
    if (current < criteria.length - 1) choose(current + 1);
  }

  function turn(rel) { const link = document.querySelector(`a[rel="${rel}"]`); if (link) link.click(); }

  addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); return; }
    const typing = event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
    if (typing || !box.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = criteria.findIndex((one) => one.dataset.letter === event.key);
    if (place >= 0) { event.preventDefault(); choose(place); }
    else if (/^[0-3]$/.test(event.key)) { event.preventDefault(); set(event.key); }
    else if (event.key === "[") turn("prev");
    else if (event.key === "]") turn("next");
  });

  criteria.forEach((one, place) => one.addEventListener("focusin", () => { current = place; }));
})();
