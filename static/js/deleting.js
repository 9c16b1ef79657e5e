// Chosen swaps go to the trash without leaving the page, and come back to where they hung.
import { cards, chooseNone, chosen } from "./selection.js";
import { addToasts, say } from "./toasts.js";

const bar = document.getElementById("selection");
const FAILED = "The site did not answer, so nothing was deleted. Try again in a moment.";

/** Where each card that was taken away hung: before which other one. */
const taken = new Map();

async function send(form, submitter) {
  const answer = await fetch(submitter?.formAction || form.action, {
    method: "POST", body: new FormData(form), headers: { "HX-Request": "true" },
  });
  // A log-in page instead of an answer: the session is over, and the page itself has to say so.
  if (answer.redirected) location.reload();
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

bar.addEventListener("submit", async (event) => {
  if (event.submitter?.formAction !== new URL(bar.dataset.trash, location).href) return;
  event.preventDefault();
  if (bar.ariaBusy === "true") return;
  bar.ariaBusy = "true";
  try {
    const toasts = addToasts(await send(bar, event.submitter));
    const gone = new Set(toasts.flatMap((toast) => [...toast.querySelectorAll(".undo [name=id]")].map((input) => `swap-${input.value}`)));
    takeAway(chosen().filter((card) => gone.has(card.id)));
    chooseNone();
  } catch {
    say(FAILED);
  } finally {
    bar.ariaBusy = "false";
  }
});

function takeAway(going) {
  const all = cards();
  const hadFocus = going.some((card) => card.contains(document.activeElement)) || bar.contains(document.activeElement);
  const next = all.slice(all.indexOf(going.at(-1)) + 1).find((card) => !going.includes(card)) ?? all.findLast((card) => !going.includes(card));
  for (const card of going.reverse()) {
    taken.set(card.id, { card, before: card.nextElementSibling, list: card.parentElement });
    card.remove();
  }
  if (hadFocus) next?.querySelector(".card-link").focus({ preventScroll: true, focusVisible: false });
}

document.addEventListener("submit", async (event) => {
  if (!event.target.matches(".undo")) return;
  event.preventDefault();
  const ids = [...event.target.querySelectorAll("[name=id]")].map((input) => `swap-${input.value}`);
  try {
    await send(event.target);
  } catch {
    say("The site did not answer. What you deleted is still in the trash.");
    return;
  }
  event.target.closest("toast-note").close();
  // Deleted on another page: its card is not here yet.
  if (!ids.every((id) => taken.has(id))) location.reload();
  for (const id of ids) bringBack(id);
});

function bringBack(id) {
  const { card, before, list } = taken.get(id) ?? {};
  if (!card) return;
  list.insertBefore(card, before?.parentElement === list ? before : null);
  taken.delete(id);
}
