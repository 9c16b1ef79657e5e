// The form of a new swap: where dropped and pasted pictures go, the exchange, and why the button is off.
import { canTake, isWriting, linksInDrop, linksInText } from "./links.js";
import { csrfToken } from "./picture-field.js";
import "./swaps-left.js";

const form = document.getElementById("new-swap");
const [face, photo] = form.querySelectorAll("picture-field");
const button = form.querySelector(".submit .button");
const why = document.getElementById("why");
const consent = form.elements.consent;

const left = form.querySelector("swaps-left");

const fields = [face, photo];

function reason() {
  if (left?.reached) return left.reached;
  const uploading = fields.filter((field) => field.state === "uploading").map((field) => field.name);
  const missing = fields.filter((field) => !field.isReady && field.state !== "uploading").map((field) => field.name);
  if (missing.length === 2) return "Choose a Face and a Photo.";
  if (missing.length) return `Choose a ${missing[0]}.`;
  if (uploading.length) return `The ${uploading.join(" and the ")} ${uploading.length > 1 ? "are" : "is"} on the way.`;
  const undecided = fields.find((field) => field.faces.lacksChoice);
  if (undecided) return `Choose a face in the ${undecided.name}.`;
  if (!consent.checked) return "Confirm that you may use the pictures.";
  return "";
}

function update() {
  const said = reason();
  button.setAttribute("aria-disabled", String(said !== ""));
  if (why.textContent !== said) why.textContent = said;
}

/** The address names the pictures and the title, so that reload, Back and a log-in bring them back. */
function remember() {
  const query = new URLSearchParams();
  for (const field of fields.filter((one) => one.isReady)) {
    const { role } = field.dataset;
    if (field.link) query.set(`${role}_url`, field.link); else query.set(role, field.currentId);
    if (field.faces.choice) query.set(field.faces.field, field.faces.choice);
  }
  if (form.elements.title.value) query.set("title", form.elements.title.value);
  history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
}

form.addEventListener("picture-change", () => {
  update();
  remember();
});
consent.addEventListener("change", update);
form.elements.title.addEventListener("change", remember);
left?.addEventListener("change", update);
// The browser's own bubble would say it a second time, in other words.
form.noValidate = true;

let sent = false;

form.addEventListener("submit", (event) => {
  if (sent) {
    event.preventDefault();
    return;
  }
  if (reason()) {
    event.preventDefault();
    const first = fields.find((field) => !field.isReady || field.faces.lacksChoice);
    (first ? first.toMend : consent).focus();
    return;
  }
  sent = true;
  form.elements.csrfmiddlewaretoken.value = csrfToken(form);
  button.setAttribute("aria-disabled", "true");
  button.textContent = "Starting …";
});

// Back from the swap's page: the form is as it was, and the button works again.
addEventListener("pageshow", (event) => {
  if (event.persisted) {
    button.textContent = "Swap";
    // A swap was made from this form: what is asked for now is another one. Where the browser gives no
    // key (without https), the server tells them apart by what was asked.
    form.elements.form_key.value = globalThis.crypto.randomUUID?.() ?? "";
  }
  sent = false;
  update();
});

form.querySelector("[data-exchange]").addEventListener("click", () => {
  if (fields.some((field) => field.state === "uploading")) return;
  const held = fields.map((field) => (field.isReady ? field.held : null));
  face.hold(held[1]);
  photo.hold(held[0]);
});

/** What was dropped or pasted: files, else links. One goes to the field it was meant for, or the first
 * that is free; two fill both. */
function give(files, links, meant) {
  const pictures = [...files].filter((file) => file.type.startsWith("image/") || /\.(hei[cf]|avif)$/i.test(file.name));
  const given = [pictures, [...files], links].find((some) => some.length) ?? [];
  const put = (field, one) => (typeof one === "string" ? field.takeLink(one) : field.take(one));
  if (given.length >= 2) {
    put(face, given[0]);
    put(photo, given[1]);
  } else if (given.length === 1) {
    put(meant ?? fields.find((field) => !field.isReady && field.state !== "uploading") ?? photo, given[0]);
  }
  return given.length > 0;
}

addEventListener("dragover", (event) => {
  if (canTake(event)) event.preventDefault();
});
addEventListener("drop", (event) => {
  if (!canTake(event)) return;
  event.preventDefault();
  give(event.dataTransfer.files, linksInDrop(event.dataTransfer), event.target.closest?.("picture-field"));
});
addEventListener("paste", (event) => {
  // Text that is pasted where one writes is nobody else's.
  const links = isWriting(event.target) ? [] : linksInText(event.clipboardData.getData("text/plain"));
  const meant = document.activeElement.closest?.("picture-field");
  if (give(event.clipboardData.files, links, meant)) event.preventDefault();
});

update();
