// Coming back to the gallery, one finds it where one left it, however far one had scrolled.
const KEPT = "gallery-place";
const AN_HOUR = 3_600_000;
const gallery = document.getElementById("gallery");
const shown = () => [...gallery.querySelectorAll(".swap-card")];

function keep() {
  const all = shown();
  const visible = all.filter((card) => card.getBoundingClientRect().bottom > 0).slice(0, 20);
  if (!visible.length) return;
  const place = {
    page: location.search, at: Date.now(), count: all.length, last: all.at(-1).id,
    visible: visible.map((card) => [card.id, card.getBoundingClientRect().top]),
  };
  try { sessionStorage.setItem(KEPT, JSON.stringify(place)); } catch { /* full, or not allowed: then not */ }
}

function kept() {
  try { return JSON.parse(sessionStorage.getItem(KEPT)); } catch { return null; }
}

/** True where the person was here and comes back: by Back, by reload, or from a swap's page. */
function comesBack(place) {
  if (!place || place.page !== location.search || Date.now() - place.at > AN_HOUR) return false;
  const [navigation] = performance.getEntriesByType("navigation");
  const from = document.referrer && new URL(document.referrer);
  return ["back_forward", "reload"].includes(navigation?.type) || (from && from.origin === location.origin && from.pathname.startsWith("/swaps/"));
}

async function restore(place) {
  if (place.count > shown().length) {
    const query = new URLSearchParams(place.page);
    query.delete("before");
    query.set("through", place.last.replace("swap-", ""));
    const answer = await fetch(`?${query}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    gallery.innerHTML = await answer.text();
    htmx.process(gallery);
  }
  const [id, top] = place.visible.find(([one]) => document.getElementById(one)) ?? [];
  if (id) scrollBy({ top: document.getElementById(id).getBoundingClientRect().top - top, behavior: "instant" });
}

// The browser would scroll to where there is nothing yet.
history.scrollRestoration = "manual";
const place = kept();
if (comesBack(place)) restore(place);
addEventListener("pagehide", keep);
