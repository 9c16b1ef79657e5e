// <picture-field>: one of the two pictures, from the moment it is chosen until the site has it, or a link
// from which the site is to fetch it.
// States: empty, over (something is dragged over it), uploading, ready, problem.
import "./face-picker.js";
import { canTake, isLink, whyNot } from "./links.js";

const LIMIT = 25 * 1024 * 1024;
const SIGNED_OUT = "The site did not recognise you. Log in again in another tab, then try again here.";

/** The token as the browser has it now: a log-in in another tab has changed the one in the page. */
export function csrfToken(form) {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return cookie ? cookie[1] : form.elements.csrfmiddlewaretoken.value;
}

export class PictureField extends HTMLElement {
  connectedCallback() {
    const part = (selector) => this.querySelector(selector);
    this.file = part(".file");
    this.preview = part(".preview");
    this.faces = part("face-picker");
    this.said = part(".said");
    this.tick = part(".tick");
    this.ring = part(".progress");
    this.percent = part(".progress output");
    this.problem = part(".problem");
    this.id_ = part(".photo-id");
    this.url = part(".link");
    // What it holds, where that is a link.
    this.link = this.classList.contains("has-link") ? this.url.value.trim() : "";
    this.address = part(".linked .address");
    this.hint = this.state === "empty" ? this.said.textContent : "";
    // From here on the file travels by itself; left in the form it would travel twice.
    this.file.removeAttribute("name");
    this.file.addEventListener("change", () => this.file.files[0] && this.take(this.file.files[0]));
    part(".replace").addEventListener("click", () => this.file.click());
    part(".again").addEventListener("click", () => this.send());
    this.url.addEventListener("change", () => this.typed());
    this.url.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      // It ends the link, not the form.
      event.preventDefault();
      this.typed();
    });
    this.url.addEventListener("input", (event) => {
      if (/^insertFrom(Paste|Drop)/.test(event.inputType) && isLink(this.url.value.trim())) this.typed();
    });
    part(".camera").addEventListener("click", () => this.openCamera());
    for (const radio of this.querySelectorAll(".recent input")) {
      radio.addEventListener("change", () => this.choose({ id: radio.value, facts: radio.dataset.facts, preview: radio.dataset.preview }));
    }
    this.drag();
    // Chosen before this script was there: nobody heard of it.
    if (this.file.files[0]) this.take(this.file.files[0]);
    else if (this.id_.value) this.look(this.id_.value, this.faces.dataset.choice);
  }

  get name() { return this.dataset.name; }
  get state() { return this.dataset.state; }
  get isReady() { return this.state === "ready"; }
  /** Where one goes on: the link that is at fault, the faces of which none is chosen, or the choice of a file. */
  get toMend() {
    if (this.faces.lacksChoice) return this.faces.marks.querySelector("input");
    return this.url.matches("[aria-invalid]") ? this.url : this.file;
  }

  // --- What can be done with it -------------------------------------------------------------------

  take(file) {
    this.stop();
    this.chosen = file;
    // The same file can be chosen once more, say after the two were exchanged.
    this.file.value = "";
    this.remote = null;
    this.release();
    this.unlink();
    this.local = URL.createObjectURL(file);
    this.show(this.local);
    this.id_.value = "";
    this.faces.show("");
    this.uncheckRecent();
    if (file.size > LIMIT) {
      const size = (file.size / 1024 / 1024).toFixed(file.size < 100 * 1024 * 1024 ? 1 : 0);
      this.fail(`This file is ${size} MB; the limit is 25 MB.`, { again: false });
    } else if (file.size === 0) {
      this.fail("This file is empty. Choose another one.", { again: false });
    } else {
      this.send();
    }
  }

  send() {
    this.stop();
    const form = this.closest("form");
    const body = new FormData();
    body.append("file", this.chosen);
    const request = this.request = new XMLHttpRequest();
    request.open("POST", form.dataset.upload);
    request.setRequestHeader("X-CSRFToken", csrfToken(form));
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && this.advance(event.loaded / event.total));
    request.addEventListener("load", () => this.answered(request));
    request.addEventListener("error", () => this.fail("The upload was cut off. Check the connection and try again.", { again: true }));
    this.advance(0);
    this.become("uploading", `Uploading ${this.chosen.name}`);
    request.send(body);
  }

  /** Ask for the faces of a picture that the site has; *choice* is of them. */
  look(id, choice = "") {
    this.faces.show(`${this.closest("form").dataset.upload}${id}/faces.json`, choice);
  }

  /** Whatever is on the way is not wanted any more. */
  stop() {
    this.request?.abort();
    this.request = null;
  }

  /** The site fetches the picture; nothing of it can be shown before. */
  takeLink(link) {
    this.stop();
    this.release();
    this.chosen = this.remote = null;
    this.id_.value = "";
    this.faces.show("");
    this.uncheckRecent();
    this.hidePreview();
    this.link = this.url.value = this.address.textContent = link;
    this.classList.add("has-link");
    const refusal = whyNot(link, this.name);
    if (refusal) this.fail(refusal, { again: false, at: this.url });
    else this.become("ready", `Will be fetched from ${new URL(link).hostname}`);
  }

  /** The field of the link was left, or something was pasted into it. */
  typed() {
    const link = this.url.value.trim();
    if (link === this.link) return;
    if (link === "") this.clear(); else this.takeLink(link);
  }

  unlink() {
    this.classList.remove("has-link");
    this.link = this.url.value = "";
  }

  choose({ id, facts, preview, faces }) {
    this.stop();
    this.release();
    this.unlink();
    this.chosen = null;
    this.id_.value = id;
    this.remote = preview;
    this.show(preview);
    this.look(id, faces);
    this.become("ready", `Ready · ${facts}`);
  }

  /** What the field holds, for the exchange of the two. */
  get held() {
    return this.link ? { link: this.link } : { id: this.currentId, facts: this.said.textContent.replace(/^Ready · /, ""), preview: this.remote ?? this.preview.getAttribute("src"), faces: this.faces.handedOn };
  }

  get currentId() {
    return this.querySelector(".recent input:checked")?.value ?? this.id_.value;
  }

  hold(other) {
    this.uncheckRecent();
    if (other?.link) this.takeLink(other.link);
    else if (other) this.choose(other);
    else this.clear();
  }

  clear() {
    this.stop();
    this.release();
    this.unlink();
    this.id_.value = "";
    this.faces.show("");
    this.hidePreview();
    this.become("empty", this.hint || "JPEG, PNG, WebP, AVIF or HEIC, up to 25 MB");
  }

  openCamera() {
    const camera = document.createElement("input");
    camera.type = "file";
    camera.accept = "image/*";
    camera.capture = "environment";
    camera.addEventListener("change", () => camera.files[0] && this.take(camera.files[0]));
    camera.click();
  }

  // --- What it shows ------------------------------------------------------------------------------

  answered(request) {
    if (request !== this.request) return;
    const answer = request.response;
    if (request.status !== 201 || !answer?.id) {
      const said = answer?.error?.message ?? "The site could not take this picture. Try again in a moment.";
      const again = request.status >= 500 || request.status === 404 || request.status === 403;
      this.fail(request.status === 403 && !answer ? SIGNED_OUT : said, { again });
      return;
    }
    this.id_.value = answer.id;
    // HEIC is no picture to most browsers: the site's own preview is.
    if (!this.preview.complete || this.preview.naturalWidth === 0) this.show(answer.preview_url);
    this.remote = answer.preview_url;
    this.look(answer.id);
    this.become("ready", `Ready · ${answer.width} × ${answer.height}`);
  }

  show(url) {
    this.preview.onerror = () => { this.preview.hidden = true; this.classList.remove("has-preview"); };
    this.preview.onload = () => { this.preview.hidden = false; this.classList.add("has-preview"); };
    this.preview.alt = `The ${this.name} you chose`;
    this.preview.src = url;
  }

  hidePreview() {
    this.preview.onload = this.preview.onerror = null;
    this.preview.hidden = true;
    this.preview.removeAttribute("src");
    this.classList.remove("has-preview");
  }

  advance(share) {
    const percent = Math.round(100 * share);
    this.ring.style.setProperty("--progress", String(percent));
    this.percent.textContent = percent < 100 ? `${percent} %` : "…";
  }

  fail(sentence, { again, at = this.file }) {
    this.become("problem", this.chosen?.name ?? "");
    this.problem.hidden = false;
    this.problem.querySelector("span").textContent = sentence;
    this.querySelector(".again").hidden = !again;
    at.setAttribute("aria-invalid", "true");
    if (at === this.url) this.querySelector(".by-link").open = true;
  }

  become(state, said) {
    this.dataset.state = state;
    this.said.textContent = said;
    this.tick.hidden = state !== "ready";
    this.problem.hidden = true;
    for (const one of [this.file, this.url]) one.removeAttribute("aria-invalid");
    this.hide(".again", true);
    this.hide(".replace", state === "empty");
    this.dispatchEvent(new CustomEvent("picture-change", { bubbles: true }));
  }

  /** Hide a button, or not; the focus that was on it goes to the field. */
  hide(selector, isHidden) {
    const button = this.querySelector(selector);
    if (isHidden && button === document.activeElement) this.file.focus();
    button.hidden = isHidden;
  }

  drag() {
    this.addEventListener("dragover", (event) => {
      if (!canTake(event)) return;
      if (this.state !== "over") this.before = this.state;
      this.dataset.state = "over";
    });
    const back = () => { if (this.state === "over") this.dataset.state = this.before; };
    this.addEventListener("dragleave", (event) => { if (!this.contains(event.relatedTarget)) back(); });
    this.addEventListener("drop", back, { capture: true });
  }

  uncheckRecent() {
    for (const radio of this.querySelectorAll(".recent input:checked")) radio.checked = false;
  }

  release() {
    if (this.local) URL.revokeObjectURL(this.local);
    this.local = null;
  }
}

customElements.define("picture-field", PictureField);
