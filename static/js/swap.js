// The swap's page: comparing, counting, copying, and saying aloud how far it is.
import "./ask-again.js";
import "./before-after.js";
import "./copy-button.js";
import { onKey } from "./keys.js";
import "./seconds-counter.js";

const announcer = document.getElementById("announcer");

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.matches(".favourite")) return;
  const stage = document.getElementById("stage");
  const step = document.getElementById("progress")?.dataset.step
    ?? { succeeded: "Done. The result is here.", failed: "The swap failed.", canceled: "The swap was cancelled." }[stage?.dataset.status];
  // Only what changed is said: the page asks twice a second, and nobody wants to hear each answer.
  if (step && announcer.textContent !== step) announcer.textContent = step;
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

onKey("f", () => document.querySelector(".favourite button").click());
