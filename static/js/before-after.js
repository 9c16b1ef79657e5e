// <before-after>: two pictures on top of each other and the line between them, over an <input type=range>.
// A mouse drags the line from anywhere, a finger from near it; a tap brings it there; arrow keys move it.
// While the pictures are zoomed, only who takes the line moves it.
const REACH = { touch: 56, mouse: 28, pen: 28 };
const STILL = 8;

export class BeforeAfter extends HTMLElement {
  connectedCallback() {
    this.range = this.querySelector("input");
    this.range.addEventListener("input", () => this.show());
    this.addEventListener("pointerdown", (event) => this.grab(event));
    this.addEventListener("pointermove", (event) => this.dragging && this.follow(event));
    this.addEventListener("pointerup", (event) => this.drop(event));
    this.addEventListener("pointercancel", () => this.letGo());
    this.show();
  }

  grab(event) {
    const isShown = this.range.getClientRects().length > 0;
    if (event.button !== 0 || !event.isPrimary || !isShown) return;
    const box = this.getBoundingClientRect();
    const line = box.left + (box.width * this.range.value) / 100;
    const isNear = Math.abs(event.clientX - line) <= REACH[event.pointerType];
    const isZoomed = this.closest("[data-zoomed]");
    if (!isNear && (isZoomed || event.pointerType === "touch")) {
      // A finger elsewhere may swipe or scroll; where it stays in its place, it was a tap.
      this.tapped = isZoomed ? null : event;
      return;
    }
    this.dragging = true;
    this.setPointerCapture(event.pointerId);
    this.range.focus({ preventScroll: true, focusVisible: false });
    // Taking the line by its handle does not make it jump to the pointer.
    this.offset = isNear ? line - event.clientX : 0;
    this.follow(event);
  }

  drop(event) {
    const down = this.tapped;
    const isTap = down && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) <= STILL;
    this.letGo();
    if (isTap) this.follow(event);
  }

  letGo() {
    this.dragging = false;
    this.tapped = null;
    this.offset = 0;
  }

  follow(event) {
    const box = this.getBoundingClientRect();
    const share = (event.clientX + (this.offset ?? 0) - box.left) / box.width;
    this.place(Math.round(100 * Math.min(1, Math.max(0, share))));
  }

  place(position) {
    this.range.value = String(position);
    this.show();
  }

  show() {
    const left = Number(this.range.value);
    const { left: one, right: other } = this.dataset;
    this.classList.toggle("arrives", this.classList.contains("arrives") && left === 50);
    this.style.setProperty("--position", `${left}%`);
    this.range.setAttribute("aria-valuetext", `${left} % ${one}, ${100 - left} % ${other}`);
  }
}

customElements.define("before-after", BeforeAfter);
