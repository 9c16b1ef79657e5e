// Swipes on a touch screen: to the left for the next swap, to the right for the previous one.
// A finger that moves the slider's line, a strip or a zoomed picture does not swipe.
const FAR = 60; // px
const LONG = 800; // ms

const page = document.querySelector(".swap-page");
let down = null;

function isTaken({ target }) {
  return target.closest("input, .strip ul, [data-zoomed] .table") || target.closest("before-after")?.dragging;
}

page.addEventListener("pointerdown", (event) => {
  const isOneFinger = event.pointerType === "touch" && event.isPrimary;
  down = isOneFinger && !isTaken(event) ? event : null;
});
page.addEventListener("pointercancel", () => { down = null; });
page.addEventListener("pointerup", (event) => {
  if (!down || event.pointerId !== down.pointerId) return;
  const [x, y] = [event.clientX - down.clientX, event.clientY - down.clientY];
  const isSwipe = Math.abs(x) > FAR && Math.abs(x) > 2 * Math.abs(y) && event.timeStamp - down.timeStamp < LONG;
  down = null;
  if (isSwipe) page.querySelector(x < 0 ? "[rel=next]" : "[rel=prev]")?.click();
});
