// A token that somebody pasted, kept for this tab alone. It never leaves the browser by us.
// <use-token data-token data-secret data-href>: a link that hands a token, with what its callbacks are signed
// with, over to the page with the examples.
const KEY = "api-token";
const SECRET = "api-webhook-secret";

export function keep(token, secret = token && token === kept() ? keptSecret() : "") {
  put(KEY, token);
  put(SECRET, secret);
}

export function kept() {
  return sessionStorage.getItem(KEY) ?? "";
}

export function keptSecret() {
  return sessionStorage.getItem(SECRET) ?? "";
}

function put(key, text) {
  if (text) sessionStorage.setItem(key, text); else sessionStorage.removeItem(key);
}

class UseToken extends HTMLElement {
  connectedCallback() {
    const link = document.createElement("a");
    link.className = "button";
    link.href = this.dataset.href;
    link.textContent = "Use it in the examples";
    link.addEventListener("click", () => keep(this.dataset.token, this.dataset.secret));
    this.replaceChildren(link);
  }
}

customElements.define("use-token", UseToken);
