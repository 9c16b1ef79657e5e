// Keys: each page binds its own with onKey(); `?` shows them all, from the page's list of them.
const bindings = new Map();
const dialog = document.getElementById("keys-dialog");

/** From here on `key` (as KeyboardEvent.key has it) does `action` on this page; null does nothing again. */
export function onKey(key, action) {
  bindings.set(key, action);
}

/** Where a person writes, or chooses among many, a key means itself. */
function isWriting(element) {
  return element.matches("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isWriting(event.target) || document.querySelector("dialog:modal")) return;
  const action = bindings.get(event.key);
  if (!action || action(event) === false) return;
  event.preventDefault();
});

const go = (selector) => () => {
  const link = document.querySelector(selector);
  if (!link) return false;
  link.click();
  return true;
};

onKey("?", () => dialog?.showModal());
onKey("g", go("[data-key=g]"));
onKey("n", go("[data-key=n]"));
