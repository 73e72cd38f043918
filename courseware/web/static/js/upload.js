// Sends a file as soon as it is chosen, and shows how far it is. Without this script the button beside it does the same.
"use strict";
(() => {
  for (const box of document.querySelectorAll("[data-send]:not([data-send=''])")) {
    const chosen = box.querySelector("[type=file]"), bar = box.querySelector("progress"), status = box.querySelector("[role=status]"), button = box.querySelector("button");
    const words = box.dataset;
    const say = (text, good) => { status.textContent = text.replace("%(name)s", chosen.files[0]?.name ?? ""); status.classList.toggle("wrong", !good); };
    const stop = (text) => { say(text, false); bar.hidden = true; chosen.disabled = false; chosen.value = ""; };
    button.hidden = true;

    chosen.addEventListener("change", () => {
      if (!chosen.files.length) return;
      if (chosen.files[0].size > Number(words.most)) { stop(words.large); return; }
      const request = new XMLHttpRequest();
      request.open("POST", words.send);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
      request.addEventListener("error", () => stop(words.failed));
      request.addEventListener("load", () => {
        if (request.status < 300 && request.response?.to) location.assign(request.response.to);
        else stop(request.response?.error || words.failed);
      });
      request.send(new FormData(chosen.form));
      say(words.sending, true);
      bar.hidden = false;
      chosen.disabled = true;
    });
  }
})();
