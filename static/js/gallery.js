// The gallery: swaps in work bring themselves up to date, and what is chosen in the filter counts at once.
import "./ask-again.js";

const filter = document.getElementById("filter");

filter?.addEventListener("change", (event) => {
  if (event.target.matches("select, [type=date], [type=checkbox]")) filter.requestSubmit();
});

// Only what is looked for stands in the address.
filter?.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});
