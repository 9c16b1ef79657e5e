// <local-time>: a <time> in UTC becomes the time of the person's own clock; UTC stays for the mouse.
// With data-ago the text stays how long ago it was, and the own time is what the mouse finds.
const DAY = { day: "numeric", month: "long", year: "numeric" };
const CLOCK = { hour: "2-digit", minute: "2-digit" };

class LocalTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const at = new Date(time?.dateTime ?? "");
    if (Number.isNaN(at.valueOf())) return;
    const clock = "seconds" in this.dataset ? { ...CLOCK, second: "2-digit" } : CLOCK;
    const said = `${at.toLocaleDateString("en-GB", DAY)}, ${at.toLocaleTimeString("en-GB", clock)}`;
    if ("ago" in this.dataset) time.title = said; else time.textContent = said;
  }
}

customElements.define("local-time", LocalTime);
