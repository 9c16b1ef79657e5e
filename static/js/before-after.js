// <before-after>: two pictures on top of each other and the line between them, over an <input type=range>.
// Drag, tap, or use the arrow keys.
class BeforeAfter extends HTMLElement {
  connectedCallback() {
    this.range = this.querySelector("input");
    this.range.addEventListener("input", () => this.show());
    this.addEventListener("pointerdown", (event) => this.grab(event));
    this.addEventListener("pointermove", (event) => this.dragging && this.follow(event));
    this.addEventListener("pointerup", () => { this.dragging = false; });
    this.addEventListener("pointercancel", () => { this.dragging = false; });
    this.show();
  }

  grab(event) {
    if (event.button !== 0) return;
    // A mouse moves at once; a finger may be about to scroll, which cancels the pointer.
    this.dragging = true;
    this.setPointerCapture(event.pointerId);
    this.range.focus({ preventScroll: true, focusVisible: false });
    this.follow(event);
  }

  follow(event) {
    const box = this.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    this.range.value = String(Math.round(100 * Math.min(1, Math.max(0, share))));
    this.show();
  }

  show() {
    const before = Number(this.range.value);
    this.classList.toggle("arrives", this.classList.contains("arrives") && before === 50);
    this.style.setProperty("--position", `${before}%`);
    this.range.setAttribute("aria-valuetext", `${before} % before, ${100 - before} % after`);
  }
}

customElements.define("before-after", BeforeAfter);
