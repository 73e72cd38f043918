// What the server has not acknowledged yet, kept in this browser. In IndexedDB, not in localStorage: of that a browser which is killed
// loses the last seconds (tried with Chromium: up to five), while here a write that is done survives. Names begin with "quiz:<person>:<attempt>:" or "case:<person>:<case>:".
"use strict";
const unsent = (() => {
  let opened = null;
  const open = () => opened ??= new Promise((done, failed) => {
    const request = indexedDB.open("courseware", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("unsent");
    request.onsuccess = () => done(request.result);
    request.onerror = request.onblocked = () => failed(request.error);
  });
  // Runs `work(store)`; resolves to what the request it gives back found, once everything is written.
  async function transact(mode, work) {
    const database = await open();
    return new Promise((done, failed) => {
      const transaction = database.transaction("unsent", mode), request = work(transaction.objectStore("unsent"));
      transaction.oncomplete = () => done(request?.result);
      transaction.onabort = () => failed(transaction.error);
    });
  }
  const within = (prefix) => IDBKeyRange.bound(prefix, prefix + "\uffff");
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  return {
    // All entries of a prefix as [name, value].
    async all(prefix) {
      const found = [];
      await transact("readonly", (store) => {
        store.openCursor(within(prefix)).onsuccess = ({ target: { result: cursor } }) => { if (cursor) { found.push([cursor.key, cursor.value]); cursor.continue(); } };
      });
      return found;
    },
    // Puts `now` in the place of `was`, both [name, value] or null. What another window has written under the old name meanwhile stays.
    replace(was, now) {
      return transact("readwrite", (store) => {
        if (now) store.put(now[1], now[0]);
        if (was && was[0] !== now?.[0]) store.get(was[0]).onsuccess = ({ target }) => { if (same(target.result, was[1])) store.delete(was[0]); };
      });
    },
    // Forgets a prefix; resolves to how many entries there were.
    async clear(prefix) {
      const count = await transact("readonly", (store) => store.count(within(prefix)));
      await transact("readwrite", (store) => store.delete(within(prefix)));
      return count;
    },
  };
})();
