// Counts an essay while it is written: words, or characters where it is written in Chinese. The server counts the same way (rubrics.py).
"use strict";
(() => {
  const found = (text, pattern) => (text.match(pattern) || []).length;
  for (const area of document.querySelectorAll("textarea[data-count]")) {
    const shown = document.getElementById(area.dataset.count);
    const count = () => {
      const words = found(area.value, /\S+/g);
      const isChinese = found(area.value, /[\u3400-\u9fff\uf900-\ufaff]/g) > words || (!words && document.documentElement.lang.startsWith("zh"));
      const size = isChinese ? found(area.value, /[\p{L}\p{N}]/gu) : words;
      shown.textContent = (isChinese ? shown.dataset.characters : shown.dataset.words).replace("%(count)s", size);
    };
    area.addEventListener("input", count);
    addEventListener("pageshow", count); // an answer that had not reached the server may have been put back
  }
})();
