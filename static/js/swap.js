// The swap's page: comparing, counting, copying, its keys, and saying aloud how far it is.
import "./ask-again.js";
import "./before-after.js";
import "./copy-button.js";
import "./seconds-counter.js";
import "./swipe.js";
import "./zoom-stage.js";
import { onKey } from "./keys.js";
import { showRememberedView } from "./views.js";

const announcer = document.getElementById("announcer");

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.matches(".favourite")) return;
  const stage = document.getElementById("stage");
  const step = document.getElementById("progress")?.dataset.step
    ?? { succeeded: "Done. The result is here.", failed: "The swap failed.", canceled: "The swap was cancelled." }[stage?.dataset.status];
  // Only what changed is said: the page asks twice a second, and nobody wants to hear each answer.
  if (step && announcer.textContent !== step) announcer.textContent = step;
  showRememberedView();
});

// What had the focus may have gone with the old stage; the reader goes on from the new one.
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (document.activeElement === document.body) event.detail.target.querySelector?.("a, button")?.focus({ focusVisible: false });
});

document.querySelector(".title-form .input")?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.target.value = event.target.defaultValue;
  event.target.blur();
});

/** Press what the page has under that selector, once a key press; where it has none, the key is free. */
const press = (selector) => (event) => {
  const found = document.querySelector(selector);
  if (found && !event.repeat) found.click();
  return Boolean(found);
};

/** The arrows belong to the slider's line while it has the focus. */
const unlessAtTheLine = (action) => (event) => !event.target.matches("input") && action(event);

const zoom = (act) => () => {
  const stage = document.querySelector("zoom-stage");
  if (stage) act(stage);
  return Boolean(stage);
};

onKey("j", press("[rel=next]"));
onKey("k", press("[rel=prev]"));
onKey("ArrowRight", unlessAtTheLine(press("[rel=next]")));
onKey("ArrowLeft", unlessAtTheLine(press("[rel=prev]")));
onKey("b", press("[data-key=back]"));
onKey("f", press(".favourite button"));
onKey("d", press("[data-key=d]"));
for (const key of ["#", "Delete"]) onKey(key, press("[data-key=delete]"));
for (const key of ["+", "="]) onKey(key, zoom((stage) => stage.closer()));
onKey("-", zoom((stage) => stage.farther()));
onKey("0", zoom((stage) => stage.fit()));
