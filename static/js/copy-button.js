// <copy-button data-text data-name>: puts a text on the clipboard and says so.
class CopyButton extends HTMLElement {
  connectedCallback() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button is-plain";
    const label = document.createElement("span");
    label.textContent = "Copy";
    label.setAttribute("aria-live", "polite");
    button.setAttribute("aria-label", `Copy ${this.dataset.name}`);
    button.append(document.getElementById("copy-icon").content.cloneNode(true), label);
    button.addEventListener("click", async () => {
      label.textContent = (await this.copy()) ? "Copied" : "Select it and press Ctrl+C";
      setTimeout(() => { label.textContent = "Copy"; }, 2000);
    });
    this.replaceChildren(button);
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.dataset.text);
      return true;
    } catch {
      // Without https there is no clipboard: mark the text, so that one key does the rest.
      const code = this.parentElement.querySelector("code");
      getSelection().selectAllChildren(code);
      return false;
    }
  }
}

customElements.define("copy-button", CopyButton);
