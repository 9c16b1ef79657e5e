// Which way the pictures are compared: by the keys 1, 2 and 3, and remembered from swap to swap, but for the
// difference, as a new result is to be seen and not a black picture.
import { onKey } from "./keys.js";

const REMEMBERED = "swap-view";
const KEPT = ["view-slider", "view-side"];
const VIEWS = [...KEPT, "view-difference"];

function remembered() {
  try { return sessionStorage.getItem(REMEMBERED); } catch { return null; }
}

/** Also for a stage that has just come. */
export function showRememberedView() {
  const radio = KEPT.includes(remembered()) && document.getElementById(remembered());
  if (radio) radio.checked = true;
}

document.addEventListener("change", ({ target }) => {
  if (!KEPT.includes(target.id)) return;
  try { sessionStorage.setItem(REMEMBERED, target.id); } catch { /* private mode: for this page only */ }
});

for (const [index, id] of VIEWS.entries()) {
  onKey(String(index + 1), () => {
    const radio = document.getElementById(id);
    radio?.click();
    return Boolean(radio);
  });
}

showRememberedView();
