// The original over a card's result, while a mouse or the focus is on it.
const WAIT = 120;
const gallery = document.getElementById("gallery");
let timer = null;

export function showOriginal(card) {
  const link = card.querySelector(".card-link[data-original]");
  if (!link) return;
  const result = link.querySelector(".picture img");
  let original = link.querySelector(".original");
  if (!original) {
    // The same sizes as the result's: only the picture's id is another one.
    const { result: from, original: to } = link.dataset;
    original = result.cloneNode();
    original.className = "original";
    original.alt = "";
    original.loading = "eager";
    original.srcset = original.srcset.replaceAll(from, to);
    original.src = original.src.replace(from, to);
    const word = document.createElement("span");
    word.className = "corner is-left";
    word.textContent = "Before";
    word.setAttribute("aria-hidden", "true");
    link.querySelector(".picture").append(original, word);
  }
  const show = () => link.classList.add("shows-original");
  card.dataset.wantsOriginal = "";
  if (original.complete) show();
  else original.onload = () => { if ("wantsOriginal" in card.dataset) show(); };
}

export function hideOriginal(card) {
  delete card.dataset.wantsOriginal;
  card.querySelector(".card-link")?.classList.remove("shows-original");
}

gallery.addEventListener("pointerover", (event) => {
  const card = event.target.closest(".card-link")?.closest(".swap-card");
  if (event.pointerType !== "mouse" || !card || event.buttons) return;
  clearTimeout(timer);
  timer = setTimeout(() => showOriginal(card), WAIT);
});
gallery.addEventListener("pointerout", (event) => {
  const link = event.target.closest(".card-link");
  if (!link || link.contains(event.relatedTarget)) return;
  clearTimeout(timer);
  hideOriginal(link.closest(".swap-card"));
});
gallery.addEventListener("focusin", (event) => {
  if (event.target.matches(".card-link:focus-visible")) showOriginal(event.target.closest(".swap-card"));
});
gallery.addEventListener("focusout", (event) => {
  if (event.target.matches(".card-link")) hideOriginal(event.target.closest(".swap-card"));
});
