// <face-picker>: the faces of a field's picture, drawn over it: which are meant, and what speaks against them.
// One face is only marked. Of several the Face takes one, the Photo any number, or one where whoever makes the
// swaps can do no more. What is chosen is kept in a hidden field as points in the picture; an empty one leaves it to the site, which means the largest face.
import { facesOf } from "./faces-of.js";

// A finger's width: smaller faces are reached as if they were so large.
const TOUCH = 44;
// How far from a face's middle it is still meant, in shares of its size.
const REACH = 0.75;
// Where there are more, numbers would hide the faces.
const CROWD = 9;
// So many are spoken of one by one.
const FEW = 2;
const ALL = "all";

export class FacePicker extends HTMLElement {
  connectedCallback() {
    const part = (selector) => this.querySelector(selector);
    this.marks = part(".marks");
    this.looking = part(".looking");
    this.line = part(".line");
    this.hint = part(".hint");
    this.warned = part(".warned");
    this.sentences = part(".warned ul");
    this.all = part(".all");
    this.kept = part("input[type=hidden]");
    this.stencil = part("template");
    this.faces = [];
    this.marks.addEventListener("click", (event) => this.hit(event), { capture: true });
    this.marks.addEventListener("change", () => this.changed());
    this.marks.addEventListener("keydown", (event) => this.step(event));
    this.all?.addEventListener("change", () => this.chooseAll());
  }

  disconnectedCallback() {
    this.asking?.abort();
  }

  get isSource() { return this.dataset.role === "source"; }
  get field() { return this.kept.name; }
  /** What the other field gets in an exchange: all that came along, though here only one of it can be chosen. */
  get handedOn() { return this.brought ?? this.choice; }
  /** What is chosen, as the site keeps it: points, "all", or nothing for the largest face. */
  get choice() { return this.kept.value; }
  get usable() { return this.faces.filter((face) => face.usable); }
  get chosen() { return this.faces.filter((face) => face.input?.checked); }
  /** Whether the faces are known, some of them could be chosen, and none is. */
  get lacksChoice() { return this.faces.length > 1 && this.usable.length > 0 && this.chosen.length === 0; }

  // --- From the picture to its faces --------------------------------------------------------------

  /** Another picture is there, or none; of it that *choice* is meant, where one was made before. */
  async show(address, choice = "") {
    this.asking?.abort();
    this.forget();
    this.kept.value = this.isSource ? first(choice) : choice;
    this.brought = choice;
    if (!address) return;
    this.looking.hidden = false;
    const asking = this.asking = new AbortController();
    const answer = await facesOf(`${address}?role=${this.dataset.role}`, asking).catch((error) => {
      if (!asking.signal.aborted) throw error;
    });
    if (asking.signal.aborted) return;
    this.looking.hidden = true;
    if (answer) this.draw(answer); else this.line.textContent = "Looking for faces takes longer than usual. You can swap all the same.";
  }

  forget() {
    this.faces = [];
    this.told = this.brought = null;
    this.hint.textContent = "";
    this.marks.replaceChildren();
    for (const name of ["role", "aria-label"]) this.marks.removeAttribute(name);
    this.classList.remove("is-choice", "is-crowd");
    this.looking.hidden = true;
    if (this.all) this.all.hidden = true;
    this.line.textContent = "";
    this.warn([]);
  }

  draw({ width, height, faces, several: canBeSeveral, warnings }) {
    this.general = warnings;
    this.takesOne = !canBeSeveral;
    if (this.takesOne) this.kept.value = first(this.choice);
    this.marks.style.setProperty("--shape", String(width / height));
    const several = faces.length > 1;
    this.faces = faces.map((face, index) => this.mark(face, { index, several, width, height }));
    this.classList.toggle("is-choice", several);
    this.classList.toggle("is-crowd", faces.length > CROWD);
    if (several) {
      this.marks.setAttribute("role", this.takesOne ? "radiogroup" : "group");
      const becomes = this.isSource ? "is taken" : "is replaced";
      this.marks.setAttribute("aria-label", this.takesOne ? `Which face ${becomes}` : "Which faces are replaced");
      if (this.all) this.all.hidden = this.takesOne || this.usable.length < 2;
      this.restore();
      this.keep();
    } else {
      // Of one face there is nothing to choose, and a point that was kept could be of another picture.
      this.kept.value = "";
      this.brought = null;
    }
    this.marks.append(...this.faces.map((face) => face.mark));
    this.say();
    this.announce();
  }

  mark(face, { index, several, width, height }) {
    const mark = this.stencil.content.firstElementChild.cloneNode(true);
    const [x0, y0, x1, y1] = face.box;
    const places = { left: x0 / width, top: y0 / height, width: (x1 - x0) / width, height: (y1 - y0) / height };
    for (const [name, share] of Object.entries(places)) mark.style.setProperty(name, `${100 * share}%`);
    // The smaller one of two that overlap lies above.
    mark.style.setProperty("z-index", String(1 + Math.round(100 * (1 - Math.min(1, places.width)))));
    mark.classList.toggle("is-unusable", !face.usable);
    mark.classList.toggle("is-at-top", places.top < 0.1);
    const input = mark.querySelector("input");
    if (!several) {
      input.remove();
      mark.querySelector(".badge").remove();
      return { ...face, mark, number: 1 };
    }
    this.name(input, mark, face, index);
    return { ...face, mark, input, number: index + 1 };
  }

  name(input, mark, face, index) {
    input.type = this.takesOne ? "radio" : "checkbox";
    input.name = `${this.dataset.role}-mark`;
    input.setAttribute("aria-label", face.name);
    mark.querySelector(".number").textContent = String(index + 1);
    // Its description, for those who hear it and for those who hover over it.
    if (face.warnings.length) input.title = face.warnings.join(" ");
    if (!face.usable) input.setAttribute("aria-disabled", "true");
    input.addEventListener("focus", () => this.tell(index));
  }

  /** Choose what was chosen before of these faces, else the largest one that is of use. */
  restore() {
    const points = this.choice.split(";").filter((point) => point && point !== ALL);
    const before = this.choice === ALL ? this.usable : points.map((point) => this.at(point)).filter((face) => face?.usable);
    const largest = this.usable.toSorted((one, other) => other.size - one.size)[0];
    for (const face of before.length ? before : [largest]) if (face) face.input.checked = true;
  }

  /** The face that a point lies on, or that has it for its own. */
  at(point) {
    const [x, y] = point.split(",").map(Number);
    return this.faces.find((face) => face.point === point)
      ?? this.faces.find(({ box: [x0, y0, x1, y1] }) => x0 <= x && x <= x1 && y0 <= y && y <= y1);
  }

  // --- From the hand to the choice ----------------------------------------------------------------

  /** Wherever one clicks, the nearest face is meant: small ones, and those that others cover, can be reached. */
  hit(event) {
    const own = this.faces.find((face) => face.input === event.target);
    // A key has no place; neither has a click that was passed on.
    const meant = event.detail === 0 ? own : this.nearest(event.clientX, event.clientY);
    if (own && meant === own && own.usable) return;
    event.preventDefault();
    if (!meant) return;
    if (meant.usable) meant.input.click(); else this.tell(this.faces.indexOf(meant));
    meant.input.focus({ focusVisible: false });
  }

  nearest(x, y) {
    const away = (face) => {
      const box = face.mark.getBoundingClientRect();
      const across = (x - box.x - box.width / 2) / Math.max(box.width, TOUCH);
      const down = (y - box.y - box.height / 2) / Math.max(box.height, TOUCH);
      return Math.hypot(across, down);
    };
    const near = this.faces.map((face) => ({ face, away: away(face) })).filter((one) => one.away <= REACH);
    return near.sort((one, other) => one.away - other.away)[0]?.face;
  }

  /** Arrows go from face to face; where only one can be chosen they choose it, too. */
  step(event) {
    const at = this.faces.findIndex((face) => face.input === event.target);
    const last = this.faces.length - 1;
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const face = this.faces[(to + this.faces.length) % this.faces.length];
    face.input.focus();
    if (this.takesOne && face.usable) face.input.click();
  }

  chooseAll() {
    const some = this.all.querySelector("input").checked ? this.usable : [];
    for (const face of this.faces) face.input.checked = some.includes(face);
    this.told = null;
    this.changed();
  }

  changed() {
    this.brought = null;
    this.keep();
    this.say();
    this.announce();
  }

  announce() {
    this.dispatchEvent(new CustomEvent("picture-change", { bubbles: true }));
  }

  keep() {
    const everyOne = this.chosen.length > 1 && this.chosen.length === this.usable.length;
    if (this.all) this.all.querySelector("input").checked = everyOne;
    this.kept.value = everyOne ? ALL : this.chosen.map((face) => face.point).join(";");
  }

  // --- What is said of it -------------------------------------------------------------------------

  /** Say why this one cannot be chosen, as long as one is at it. */
  tell(index) {
    const face = this.faces[index];
    const told = face && !face.usable ? face : null;
    if (told === this.told) return;
    this.told = told;
    this.say();
  }

  say() {
    const several = this.faces.length > 1;
    this.line.textContent = several ? this.ofSeveral() : this.ofOne();
    const spoken = (face) => face.warnings.map((sentence) => (several ? `Face ${face.number}: ${sentence}` : sentence));
    const about = several ? (this.told ? [this.told] : this.chosen) : this.faces;
    const said = [...this.staying(), ...this.general, ...about.flatMap(spoken)];
    const warned = said.length ? said : this.unusable();
    this.warn(warned);
    this.hint.textContent = warned.length ? "" : this.ofTheOthers();
  }

  /** That there is a choice, until one is made. */
  ofTheOthers() {
    const isOpen = this.brought === "" && this.usable.length > 1;
    return isOpen ? `Choose ${this.takesOne || this.isSource ? "another" : "others"} on the picture.` : "";
  }

  ofOne() {
    if (!this.faces.length || !this.faces[0].usable) return "";
    return this.isSource ? "This face will be taken." : "This face will be replaced.";
  }

  ofSeveral() {
    const [many, count] = [this.chosen.length, this.faces.length];
    const becomes = this.isSource ? "taken" : "replaced";
    if (!this.usable.length) return `None of the ${count} faces can be ${becomes}.`;
    if (many === 0) return "No face is chosen. Choose at least one.";
    if (many === 1) return `Face ${this.chosen[0].number} of ${count} will be ${becomes}.`;
    return many === count ? `All ${count} faces will be replaced.` : `${many} of ${count} faces will be replaced.`;
  }

  /** Which faces stay as they are though all are to be replaced, and why. */
  staying() {
    const some = this.faces.filter((face) => !face.usable);
    if (!some.length || this.told || this.choice !== ALL) return [];
    if (some.length > FEW) return [`${some.length} faces stay: each is too small or turned too far. Choose one to read which.`];
    return some.map((face) => `Face ${face.number} stays: ${face.refused}.`);
  }

  /** Why some frames are dashed, where there is nothing graver to say. */
  unusable() {
    const some = this.faces.filter((face) => !face.usable);
    if (!some.length) return [];
    return some.length === 1
      ? [`Face ${some[0].number} cannot be swapped. Choose it to read why.`]
      : [`${some.length} faces cannot be swapped. Choose one to read why.`];
  }

  warn(sentences) {
    this.warned.hidden = !sentences.length;
    this.sentences.replaceChildren(...sentences.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }));
  }
}

/** The first one of several; all of them would be none in particular. */
function first(choice) {
  return choice === ALL ? "" : choice.split(";")[0];
}

customElements.define("face-picker", FacePicker);
