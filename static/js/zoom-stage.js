// <zoom-stage>: looks closer at the pictures in it, at the same place in all of them at once.
// Wheel, pinch, double click or tap, drag, arrow keys and buttons.
//
// What is seen is (zoom, x, y): zoom 1 is the whole picture; x and y are where its upper left corner lies,
// in widths and heights of its frame, from 1 - zoom to 0. So it means the same in frames of any size.
const STEP = 1.5;
const PAN = 0.15;
const QUIET = 300; // ms in which one gesture goes on
const STILL = 8; // px that a tap may move
const PREVIEW = 1280; // px of the longer side of the larger preview

const between = (least, value, most) => Math.min(most, Math.max(least, value));

class ZoomStage extends HTMLElement {
  connectedCallback() {
    [this.zoom, this.x, this.y] = [1, 0, 0];
    this.pointers = new Map();
    this.table = this.querySelector(".table");
    this.line = this.querySelector("before-after");
    this.frames = [...this.querySelectorAll("figure")];
    this.label = this.querySelector(".percent");
    this.buttons = Object.fromEntries([...this.querySelectorAll("[data-zoom]")].map((one) => [one.dataset.zoom, one]));
    this.buttons.in.addEventListener("click", () => this.closer());
    this.buttons.out.addEventListener("click", () => this.farther());
    this.buttons.fit.addEventListener("click", () => this.fit());
    this.table.addEventListener("keydown", (event) => this.panByKey(event));
    this.table.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.table.addEventListener("pointerdown", (event) => this.press(event), { capture: true });
    this.table.addEventListener("pointermove", (event) => this.move(event));
    this.table.addEventListener("pointerup", (event) => this.lift(event));
    this.table.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    this.scrolled = () => { this.scrolledAt = performance.now(); };
    addEventListener("scroll", this.scrolled, { passive: true });
    // Also tells when another view gives the pictures another size.
    this.sizes = new ResizeObserver(() => this.show());
    this.sizes.observe(this.frames.at(-1));
  }

  disconnectedCallback() {
    removeEventListener("scroll", this.scrolled);
    clearTimeout(this.saying);
    this.sizes.disconnect();
  }

  // --- What can be done with it -------------------------------------------------------------------

  closer() { this.zoomTo(this.zoom * STEP, { glides: true }); }
  farther() { this.zoomTo(this.zoom / STEP, { glides: true }); }
  fit() { this.zoomTo(1, { glides: true }); }

  /** `at` is the place that stays where it is, in shares of the frame. */
  zoomTo(wanted, { at = { x: 0.5, y: 0.5 }, glides = false } = {}) {
    const zoom = between(1, wanted, this.most);
    const grows = zoom / this.zoom;
    this.x = at.x - (at.x - this.x) * grows;
    this.y = at.y - (at.y - this.y) * grows;
    this.zoom = zoom;
    this.toggleAttribute("data-glides", glides);
    this.show();
    this.say();
  }

  pan(x, y, { glides = false } = {}) {
    this.x += x;
    this.y += y;
    this.toggleAttribute("data-glides", glides);
    this.show();
  }

  /** One pixel of the picture on one of the screen, as a zoom; not below the whole picture. */
  get realSize() { return 100 / this.percent(1); }
  get most() { return Math.max(4, 8 * this.realSize); }

  percent(zoom) {
    const frame = this.frames.at(-1);
    return (100 * frame.clientWidth * zoom * devicePixelRatio) / frame.querySelector("img").getAttribute("width");
  }

  // --- Wheel, keys, pointers ----------------------------------------------------------------------

  wheel(event) {
    const now = performance.now();
    const goesOn = now - (this.wheeledAt ?? -QUIET) < QUIET;
    const scrolls = now - (this.scrolledAt ?? -QUIET) < QUIET && !goesOn;
    // Who scrolls the page goes on scrolling it, and so does who would go farther than the whole picture.
    if (!event.ctrlKey && (scrolls || (this.zoom === 1 && event.deltaY > 0 && !goesOn))) return;
    event.preventDefault();
    this.wheeledAt = now;
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1);
    this.zoomTo(this.zoom * Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)), { at: this.place(event) });
  }

  panByKey(event) {
    const way = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] }[event.key];
    if (!way || event.target !== this.table || this.zoom === 1) return;
    event.preventDefault();
    this.pan(...way, { glides: true });
  }

  press(event) {
    if (event.button !== 0) return;
    this.pointers.set(event.pointerId, event);
    if (event.isPrimary) {
      // A double click brings the line back to where it was before the first of the two.
      if (!this.isSecondTap(event)) this.lineBefore = this.line?.range.value;
      this.down = event;
    }
    if (this.pointers.size > 1) this.line?.letGo();
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    // A button that was let go outside of the window: nobody said so.
    if (!event.buttons) {
      this.pointers.delete(event.pointerId);
      return;
    }
    const all = () => [...this.pointers.values()].slice(0, 2);
    const old = all();
    this.pointers.set(event.pointerId, event);
    const now = all();
    if (now.length === 2) {
      this.down = null;
      this.zoomTo(this.zoom * (apart(now) / (apart(old) || 1)), { at: this.place(middle(old)) });
      this.panPixels(middle(old), middle(now));
    } else if (this.zoom > 1 && !this.line?.dragging) {
      this.table.setPointerCapture(event.pointerId);
      this.panPixels(before, event);
    }
  }

  lift(event) {
    this.pointers.delete(event.pointerId);
    const down = this.down;
    this.down = null;
    if (!down || event.pointerId !== down.pointerId) return;
    if (distance(down, event) > STILL || event.timeStamp - down.timeStamp > QUIET) return;
    if (!this.isSecondTap(event)) {
      this.tap = event;
      return;
    }
    this.tap = null;
    this.line?.place(this.lineBefore);
    const closer = this.realSize > 1.05 ? this.realSize : 2;
    this.zoomTo(this.zoom > 1 ? 1 : closer, { at: this.place(event), glides: true });
  }

  isSecondTap(event) {
    return Boolean(this.tap) && event.timeStamp - this.tap.timeStamp < QUIET && distance(this.tap, event) < 4 * STILL;
  }

  panPixels(from, to) {
    const box = this.frameAt(to).getBoundingClientRect();
    this.pan((to.clientX - from.clientX) / box.width, (to.clientY - from.clientY) / box.height);
  }

  /** Where that is in the frame under it, in shares of the frame. */
  place(point) {
    const box = this.frameAt(point).getBoundingClientRect();
    return { x: between(0, (point.clientX - box.left) / box.width, 1), y: between(0, (point.clientY - box.top) / box.height, 1) };
  }

  frameAt({ clientX, clientY }) {
    const isUnder = (frame) => {
      const box = frame.getBoundingClientRect();
      return clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
    };
    return this.frames.find(isUnder) ?? this.frames.at(-1);
  }

  // --- What it shows ------------------------------------------------------------------------------

  show() {
    // The picture never leaves its frame.
    this.x = between(1 - this.zoom, this.x, 0);
    this.y = between(1 - this.zoom, this.y, 0);
    for (const name of ["zoom", "x", "y"]) this.style.setProperty(`--${name}`, String(this[name]));
    const percent = this.percent(this.zoom);
    this.label.textContent = `${Math.round(percent)} %`;
    this.toggleAttribute("data-zoomed", this.zoom > 1);
    this.toggleAttribute("data-pixels", percent >= 300);
    this.buttons.in.setAttribute("aria-disabled", String(this.zoom >= this.most));
    for (const name of ["out", "fit"]) this.buttons[name].setAttribute("aria-disabled", String(this.zoom === 1));
    if (this.zoom > 1) for (const frame of this.frames) this.sharpen(frame);
  }

  /** Lay the picture in full over its preview, as soon as that has too few pixels. */
  async sharpen(frame) {
    const preview = frame.querySelector("img");
    const [width, height] = ["width", "height"].map((name) => Number(preview.getAttribute(name)));
    const longest = preview.currentSrc.endsWith("/320") ? 320 : PREVIEW;
    const has = width * Math.min(1, longest / Math.max(width, height));
    if (frame.dataset.sharp || frame.clientWidth * this.zoom * devicePixelRatio <= has) return;
    frame.dataset.sharp = "coming";
    const full = new Image();
    full.className = "full";
    full.alt = "";
    full.src = frame.dataset.full;
    try {
      await full.decode();
      preview.after(full);
      frame.dataset.sharp = "here";
    } catch {
      delete frame.dataset.sharp; // the next step asks again
    }
  }

  /** Once the hand rests, not with every step. */
  say() {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      document.getElementById("announcer").textContent = this.zoom === 1 ? "The whole picture" : `Zoom ${this.label.textContent}`;
    }, 2 * QUIET);
  }
}

const distance = (one, other) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
const apart = ([one, other]) => distance(one, other);
const middle = ([one, other]) => ({ clientX: (one.clientX + other.clientX) / 2, clientY: (one.clientY + other.clientY) / 2 });

customElements.define("zoom-stage", ZoomStage);
