// A finger that stays on a picture sees the original; staying longer chooses the swap, and sliding on
// from there chooses more.
import { hideOriginal, showOriginal } from "./card-original.js";
import { choose, chooseThrough, isChosen } from "./selection.js";

const LOOK = 200;
const CHOOSE = 800;
const STILL = 10;
const gallery = document.getElementById("gallery");
let held = null;

gallery.addEventListener("pointerdown", (event) => {
  const card = event.target.closest(".card-link")?.closest(".swap-card");
  if (event.pointerType !== "touch" || !card) return;
  held = { card, x: event.clientX, y: event.clientY, isLong: false, isChoosing: false };
  held.timers = [
    setTimeout(() => {
      held.isLong = true;
      card.classList.add("is-held");
      showOriginal(card);
    }, LOOK),
    setTimeout(() => {
      held.isChoosing = true;
      choose(card, !isChosen(card));
      navigator.vibrate?.(10);
    }, CHOOSE),
  ];
});

gallery.addEventListener("pointermove", (event) => {
  if (event.pointerType !== "touch" || !held || held.isChoosing) return;
  if (Math.hypot(event.clientX - held.x, event.clientY - held.y) > STILL) letGo();
});

// Once it chooses, the finger no longer scrolls.
gallery.addEventListener("touchmove", (event) => {
  if (!held?.isChoosing) return;
  event.preventDefault();
  const touch = event.touches[0];
  const card = document.elementFromPoint(touch.clientX, touch.clientY)?.closest(".swap-card");
  if (card && card !== held.card && isChosen(held.card)) chooseThrough(card);
}, { passive: false });

gallery.addEventListener("contextmenu", (event) => { if (held) event.preventDefault(); });
addEventListener("pointercancel", () => { if (!held?.isChoosing) letGo(); });
addEventListener("pointerup", ({ pointerId }) => {
  if (held?.isLong) {
    // It was held, not tapped: the swap's page does not open. A tap that follows at once is another finger's.
    const swallow = (event) => {
      if ((event.pointerId ?? pointerId) !== pointerId) return;
      event.preventDefault();
      event.stopPropagation();
    };
    gallery.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => gallery.removeEventListener("click", swallow, { capture: true }), 50);
  }
  letGo();
});
addEventListener("touchend", letGo);

function letGo() {
  if (!held) return;
  held.timers.forEach(clearTimeout);
  held.card.classList.remove("is-held");
  hideOriginal(held.card);
  held = null;
}
