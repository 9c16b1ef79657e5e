// Which swaps are chosen: the cards' checkboxes are the truth, and this is what moves them.
const gallery = document.getElementById("gallery");
const bar = document.getElementById("selection");
const count = bar.querySelector("[data-count]");
let anchor = null;

export const cards = () => [...gallery.querySelectorAll(".swap-card")];
export const isChosen = (card) => card.querySelector(".pick input").checked;
export const chosen = () => cards().filter(isChosen);

function set(card, on) {
  card.querySelector(".pick input").checked = on;
}

/** Choose one, or no more; a range starts from it. */
export function choose(card, on = !isChosen(card)) {
  set(card, on);
  anchor = card;
  update();
}

/** Choose all from the one that was chosen last to this one. */
export function chooseThrough(card) {
  const all = cards();
  const ends = [all.indexOf(anchor ?? card), all.indexOf(card)].sort((a, b) => a - b);
  for (const one of all.slice(Math.max(0, ends[0]), ends[1] + 1)) set(one, true);
  anchor ??= card;
  update();
}

/** Exactly these. */
export function chooseOnly(wanted) {
  for (const card of cards()) set(card, wanted.has(card));
  update();
}

export function chooseAll() {
  const all = cards();
  const wanted = all.every(isChosen) ? [] : all;
  chooseOnly(new Set(wanted));
}

export function chooseNone() {
  anchor = null;
  chooseOnly(new Set());
}

function update() {
  const number = chosen().length;
  gallery.classList.toggle("is-choosing", number > 0);
  bar.hidden = number === 0;
  if (number) count.textContent = `${number} chosen`;
}

gallery.addEventListener("click", (event) => {
  const card = event.target.closest(".swap-card");
  if (!card) return;
  if (event.target.matches(".pick input")) {
    if (event.shiftKey && anchor) chooseThrough(card);
    else choose(card, event.target.checked);
  } else if (event.target.closest(".card-link") && !event.ctrlKey && !event.metaKey && (event.shiftKey || chosen().length)) {
    event.preventDefault();
    if (event.shiftKey) chooseThrough(card);
    else choose(card);
  }
});

bar.querySelector("[data-clear]").addEventListener("click", chooseNone);
// Coming back, a browser may bring the ticks back too.
addEventListener("pageshow", update);
