// <toast-note>: what was just done. It goes by itself, unless somebody is at it.
const LASTS = 8000;
const LASTS_WITH_UNDO = 20000;

class ToastNote extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector(".undo") ? LASTS_WITH_UNDO : LASTS;
    const start = () => { this.timer = setTimeout(() => this.close(), time); };
    for (const name of ["pointerenter", "focusin"]) this.addEventListener(name, () => clearTimeout(this.timer));
    for (const name of ["pointerleave", "focusout"]) this.addEventListener(name, () => { clearTimeout(this.timer); start(); });
    this.addEventListener("click", (event) => { if (event.target.closest("[data-close]")) this.close(); });
    start();
  }

  close() {
    clearTimeout(this.timer);
    if (this.contains(document.activeElement)) document.getElementById("main").focus({ preventScroll: true });
    this.remove();
  }
}

customElements.define("toast-note", ToastNote);

/** Adds toasts that the site has written; returns them. */
export function addToasts(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const notes = [...parsed.querySelectorAll("toast-note")].map((note) => document.adoptNode(note));
  document.getElementById("toasts").append(...notes);
  return notes;
}

/** Adds a toast with words alone. */
export function say(words) {
  const note = document.createElement("toast-note");
  note.className = "toast";
  note.append(Object.assign(document.createElement("p"), { textContent: words }));
  document.getElementById("toasts").append(note);
}
