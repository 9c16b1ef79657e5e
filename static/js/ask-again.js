// A question that was not answered, because the site restarts or the network is away, is asked again.
// 404 is an answer: the swap is gone, or the session is; the page itself then says which.
const PAUSE = 2000;

function askAgain(event) {
  const asking = event.detail.elt;
  if (event.detail.xhr?.status === 404) {
    location.reload();
    return;
  }
  setTimeout(() => asking.isConnected && htmx.trigger(asking, "again"), PAUSE);
}

// Sent elsewhere, that is to the log-in: the page itself goes there, not a part of it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  if (new URL(xhr.responseURL).pathname === new URL(pathInfo.finalRequestPath, location.href).pathname) return;
  event.detail.shouldSwap = false;
  location.reload();
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, askAgain);
}
