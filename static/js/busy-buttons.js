// A button that starts something which is long, or must not happen twice, says so at once, and is heard once.
for (const form of document.querySelectorAll("form:has([data-busy])")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter ?? form.querySelector("[data-busy]");
    if (button.ariaDisabled === "true") {
      event.preventDefault();
      return;
    }
    button.ariaDisabled = "true";
    button.dataset.said = button.textContent;
    button.textContent = button.dataset.busy;
  });
}

// Back from the page that followed: the button is as it was.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("[data-said]")) {
    button.textContent = button.dataset.said;
    button.ariaDisabled = "false";
  }
});
