// <seconds-counter data-seconds>: goes on counting from where the server left off.
class SecondsCounter extends HTMLElement {
  connectedCallback() {
    const start = performance.now() - 1000 * Number(this.dataset.seconds);
    const show = () => {
      const seconds = Math.floor((performance.now() - start) / 1000);
      this.textContent = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    };
    show();
    this.timer = setInterval(show, 250);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }
}

customElements.define("seconds-counter", SecondsCounter);
