// A mouse that is dragged over the gallery chooses what its frame touches.
import { cards, chooseOnly, chosen } from "./selection.js";

const START = 8;
const EDGE = 48;
const main = document.getElementById("main");
let drag = null;

const point = (event) => ({ x: event.clientX + scrollX, y: event.clientY + scrollY });

main.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "mouse" || event.button !== 0) return;
  if (event.target.closest("button, input, select, label, summary, form")) return;
  drag = { from: point(event), base: event.shiftKey ? chosen() : [], frame: null };
});

addEventListener("pointermove", (event) => {
  if (!drag) return;
  const to = point(event);
  if (!drag.frame) {
    if (Math.hypot(to.x - drag.from.x, to.y - drag.from.y) < START) return;
    drag.frame = document.createElement("div");
    drag.frame.className = "selection-frame";
    document.body.append(drag.frame);
  }
  const box = { left: Math.min(drag.from.x, to.x), top: Math.min(drag.from.y, to.y), right: Math.max(drag.from.x, to.x), bottom: Math.max(drag.from.y, to.y) };
  for (const [name, value] of [["left", box.left], ["top", box.top], ["width", box.right - box.left], ["height", box.bottom - box.top]]) {
    drag.frame.style.setProperty(name, `${value}px`);
  }
  const isTouched = (card) => {
    const at = card.getBoundingClientRect();
    return at.left + scrollX < box.right && at.right + scrollX > box.left && at.top + scrollY < box.bottom && at.bottom + scrollY > box.top;
  };
  chooseOnly(new Set([...drag.base, ...cards().filter(isTouched)]));
  if (event.clientY > innerHeight - EDGE) scrollBy(0, EDGE / 2);
  else if (event.clientY < EDGE) scrollBy(0, -EDGE / 2);
});

// Links and pictures would be dragged themselves.
main.addEventListener("dragstart", (event) => event.preventDefault());
addEventListener("pointerup", end);
addEventListener("pointercancel", end);

function end() {
  if (drag?.frame) {
    drag.frame.remove();
    // The button comes up over some card: that was no click on it.
    const swallow = (event) => { event.preventDefault(); event.stopPropagation(); };
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }));
  }
  drag = null;
}
