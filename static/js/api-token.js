// A token that somebody pasted, kept for this tab alone. It never leaves the browser by us.
// <use-token data-token data-href>: a link that hands a token over to the page with the examples.
const KEY = "api-token";

export function keep(token) {
  if (token) sessionStorage.setItem(KEY, token); else sessionStorage.removeItem(KEY);
}

export function kept() {
  return sessionStorage.getItem(KEY) ?? "";
}

class UseToken extends HTMLElement {
  connectedCallback() {
    const link = document.createElement("a");
    link.className = "button";
    link.href = this.dataset.href;
    link.textContent = "Use it in the examples";
    link.addEventListener("click", () => keep(this.dataset.token));
    this.replaceChildren(link);
  }
}

customElements.define("use-token", UseToken);
