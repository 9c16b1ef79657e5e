// <swaps-left data-url data-reached>: what was used of one's limits. While one is reached it asks again.
const PAUSE = 4000;

class SwapsLeft extends HTMLElement {
  connectedCallback() {
    this.wait();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  /** Why there can be no other swap now; empty where there can. */
  get reached() {
    return this.dataset.reached;
  }

  wait() {
    if (this.reached) this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    try {
      const answer = document.hidden ? null : await fetch(this.dataset.url);
      if (answer?.ok) this.show(await answer.json());
    } catch {
      // The network is away: what was known stands until it is back.
    }
    this.wait();
  }

  show({ said, reached }) {
    this.querySelector(".said").textContent = said;
    this.querySelector(".notice").hidden = !reached;
    this.querySelector(".notice p").textContent = reached;
    this.dataset.reached = reached;
    this.dispatchEvent(new Event("change"));
  }
}

customElements.define("swaps-left", SwapsLeft);
