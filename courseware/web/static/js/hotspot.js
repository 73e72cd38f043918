// A click on a region of a picture is a click on its line in the list, which holds the answer and is what keyboards and screen readers use.
"use strict";
if (!window.hotspots) { // a page with two such questions loads this twice
  window.hotspots = true;
  document.addEventListener("click", ({ target }) => {
    const region = target.closest?.(".hotspot [data-for]");
    const input = region && document.getElementById(region.dataset.for);
    if (!input || input.matches(":disabled")) return;
    input.click();
    input.focus({ preventScroll: true });
  });
  for (const picture of document.querySelectorAll(".hotspot .regions")) picture.classList.add("live");
}
