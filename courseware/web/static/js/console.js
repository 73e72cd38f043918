// The console: Ctrl+Enter runs, and the last queries of this run are kept in this browser. Without this file the console works all the same.
(() => {
  "use strict";
  const MOST = 20;
  const form = document.getElementById("ask");
  const field = document.getElementById("sql");
  const history = document.getElementById("history");

  document.getElementById("keys").hidden = false;
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  const key = `console ${history.dataset.run}`;
  let queries = [];
  try {
    queries = JSON.parse(localStorage.getItem(key) || "[]");
    const asked = field.defaultValue.trim();
    if (asked) {
      queries = [asked, ...queries.filter((query) => query !== asked)].slice(0, MOST);
      localStorage.setItem(key, JSON.stringify(queries));
    }
  } catch {
    return; // a browser that keeps nothing
  }
  for (const query of queries) {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.href = `?${new URLSearchParams({ sql: query })}`;
    link.textContent = query.replace(/\s+/g, " ").slice(0, 120);
    line.append(link);
    history.querySelector("ol").append(line);
  }
  history.hidden = queries.length === 0;
})();
