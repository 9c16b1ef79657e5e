// The gallery by keys: from card to card, and what can be done with them.
import { onKey } from "./keys.js";
import { cards, choose, chooseAll, chooseNone, chooseThrough, chosen, isChosen } from "./selection.js";

const bar = document.getElementById("selection");
const current = () => document.activeElement.closest(".swap-card");

function move(to) {
  return (event) => {
    const from = current();
    const next = from ? to(from) : cards()[0];
    if (!next) return false;
    if (event.shiftKey && from) {
      if (!isChosen(from)) choose(from, true);
      chooseThrough(next);
    }
    next.querySelector(".card-link").focus({ focusVisible: true });
    next.scrollIntoView({ block: "nearest" });
    return true;
  };
}

const beside = (step) => (card) => cards()[cards().indexOf(card) + step];

/** The card in the next row, up or down, that is nearest to straight above or below. */
function inRow(direction) {
  return (card) => {
    const here = card.getBoundingClientRect();
    const away = (other) => direction * (other.getBoundingClientRect().top - here.top);
    const beyond = cards().filter((other) => away(other) > here.height / 2);
    const nearest = Math.min(...beyond.map(away));
    const row = beyond.filter((other) => away(other) < nearest + here.height / 2);
    const middle = (box) => box.left + box.width / 2;
    const aside = (other) => Math.abs(middle(other.getBoundingClientRect()) - middle(here));
    return row.sort((a, b) => aside(a) - aside(b))[0];
  };
}

/** What is chosen or, where nothing is, the card that has the focus. */
function aim() {
  if (!chosen().length && current()) choose(current(), true);
  return chosen().length > 0;
}

onKey("ArrowRight", move(beside(1)));
onKey("ArrowLeft", move(beside(-1)));
onKey("ArrowDown", move(inRow(1)));
onKey("ArrowUp", move(inRow(-1)));
onKey("x", () => (current() ? (choose(current()), true) : false));
onKey("a", chooseAll);
onKey("Escape", () => (chosen().length ? (chooseNone(), true) : false));
onKey("d", () => aim() && (bar.requestSubmit(), true));
onKey("#", remove);
onKey("Delete", remove);
onKey("f", () => {
  const wanted = chosen().length ? chosen() : [current()].filter(Boolean);
  for (const card of wanted) card.querySelector(".favourite button").click();
  return wanted.length > 0;
});
onKey("u", () => {
  const undo = document.querySelector(".undo .button");
  undo?.click();
  return Boolean(undo);
});
onKey("/", () => {
  const finder = document.querySelector(".finder");
  if (!finder) return false;
  finder.open = true;
  finder.querySelector("input").focus();
  return true;
});

function remove() {
  const button = bar.querySelector("[formaction]");
  if (!button || !aim()) return false;
  bar.requestSubmit(button);
  return true;
}
