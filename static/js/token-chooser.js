// <token-chooser>: puts the token that is pasted here into every example of the page, and into what they copy.
// data-ended: the first letters of her tokens that open nothing any more, with spaces between.
import { keep, kept, keptSecret } from "./api-token.js";

const PLACE = "{token}";
const SECRET = "{webhook_secret}";
const PLACES = /(\{token\}|\{webhook_secret\})/;
const TOKEN = /^fs_[\w-]{43}$/;

class TokenChooser extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.said = this.querySelector("[data-said]");
    this.tokens = [...this.querySelectorAll("[data-start]")];
    this.ended = this.dataset.ended.split(" ").filter(Boolean);
    this.examples = [...document.querySelectorAll(".code")]
      .map((one) => ({
        code: one.querySelector("code"),
        button: one.querySelector("copy-button"),
        text: one.querySelector("code").textContent,
      }))
      .filter(({ text }) => PLACES.test(text));
    this.input.addEventListener("input", () => this.take());
    for (const one of this.tokens) one.addEventListener("click", () => this.ask(one.dataset.start));
    this.input.value = kept();
    this.show(this.input.value);
  }

  take() {
    const text = bare(this.input.value);
    if (text !== this.input.value.trim()) this.input.value = text;
    const problem = wrong(text);
    keep(problem ? "" : text);
    this.show(problem ? "" : text);
    if (problem) this.say(problem);
    this.input.setAttribute("aria-invalid", String(Boolean(problem)));
  }

  ask(start) {
    this.input.focus();
    this.input.select();
    if (kept().startsWith(start)) return;
    this.say(`Paste the token that begins with ${start}. The site keeps no token that it could fill in.`);
  }

  show(token) {
    const given = { [PLACE]: token || PLACE, [SECRET]: keptSecret() || SECRET };
    for (const { code, button, text } of this.examples) {
      const parts = text.split(PLACES);
      button.dataset.text = parts.map((part) => given[part] ?? part).join("");
      code.replaceChildren(...parts.map((part) => (part in given ? mark(given[part]) : part)));
    }
    const own = token && this.tokens.find((one) => token.startsWith(one.dataset.start));
    for (const one of this.tokens) one.toggleAttribute("data-shown", one === own);
    this.say(this.words(token, own));
  }

  say(sentence) {
    this.said.textContent = sentence;
  }

  words(token, own) {
    if (!token) return "";
    if (own) return `The examples have “${own.querySelector(".label").textContent}”.`;
    if (this.ended.some((start) => token.startsWith(start))) {
      return "This token of yours was revoked, or its time is over. Make another one.";
    }
    return "The examples have it. None of your tokens begins like this one.";
  }
}

// Out of a header or out of quotes, as tokens are often copied.
function bare(text) {
  const unquoted = (one) => one.trim().replace(/^["'“”‘’`]+|["'“”‘’`]+$/g, "");
  return unquoted(unquoted(text).replace(/^authorization:\s*/i, "").replace(/^bearer\s+/i, ""));
}

function wrong(text) {
  if (!text || TOKEN.test(text)) return "";
  if (text.startsWith("whsec_")) return "This is a webhook secret, which checks callbacks. Paste the token, which begins with fs_.";
  if (text.startsWith("fs_")) return `This is no whole token: one has 46 letters and signs, and this has ${text.length}.`;
  return "This is no token of this site: one begins with fs_.";
}

function mark(text) {
  const found = document.createElement("mark");
  found.textContent = text;
  return found;
}

customElements.define("token-chooser", TokenChooser);
