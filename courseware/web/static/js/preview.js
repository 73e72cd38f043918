// Reloads the page when the author has changed a file.
let known = null;
setInterval(async () => {
  try {
    const { state } = await (await fetch("/preview/state")).json();
    if (known !== null && state !== known) location.reload();
    known = state;
  } catch { /* the preview was stopped; the page stays readable */ }
}, 1000);
