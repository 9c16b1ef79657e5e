// <token-chooser>: puts the token that is pasted here into every example of the page, and into what they copy.
import { keep, kept } from "./api-token.js";

const PLACE = "{token}";

class TokenChooser extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.said = this.querySelector("[data-said]");
    this.tokens = [...this.querySelectorAll("[data-start]")];
    this.examples = [...document.querySelectorAll(".example")].map((one) => ({
      code: one.querySelector("code"),
      button: one.querySelector("copy-button"),
      text: one.querySelector("code").textContent,
    }));
    this.input.addEventListener("input", () => this.take(this.input.value.trim()));
    this.input.value = kept();
    this.show(this.input.value);
  }

  take(token) {
    keep(token);
    this.show(token);
  }

  show(token) {
    for (const { code, button, text } of this.examples) {
      button.dataset.text = text.replaceAll(PLACE, token || PLACE);
      const parts = text.split(PLACE).flatMap((part) => [mark(token || PLACE), part]);
      code.replaceChildren(...parts.slice(1));
    }
    const own = this.tokens.filter((one) => token.startsWith(one.dataset.start));
    for (const one of this.tokens) one.toggleAttribute("data-shown", own.includes(one));
    this.said.textContent = this.words(token, own[0]);
  }

  words(token, own) {
    if (!token) return "";
    if (own) return `The examples have “${own.querySelector(".label").textContent}”.`;
    return "The examples have it. None of your tokens begins like this one.";
  }
}

function mark(text) {
  const found = document.createElement("mark");
  found.textContent = text;
  return found;
}

customElements.define("token-chooser", TokenChooser);
