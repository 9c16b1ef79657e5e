// A question that was not answered, because the site restarts or the network is away, is asked again.
// 404 is an answer: the swap is gone, or the session is; the page itself then says which.
const PAUSE = 2000;

// Said only while it is so, beside what waits for an answer.
const line = document.createElement("p");
line.className = "trying-again";
line.setAttribute("role", "status");

function say(words) {
  if (!line.isConnected) document.body.append(line);
  if (line.textContent !== words) line.textContent = words;
}

function askAgain(event) {
  const asking = event.detail.elt;
  if (event.detail.xhr?.status === 404) {
    location.reload();
    return;
  }
  say("The connection is lost. Trying again …");
  setTimeout(() => asking.isConnected && htmx.trigger(asking, "again"), PAUSE);
}

// Sent elsewhere, that is to the log-in: the page itself goes there, not a part of it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  if (new URL(xhr.responseURL).pathname === new URL(pathInfo.finalRequestPath, location.href).pathname) return;
  event.detail.shouldSwap = false;
  location.reload();
});

document.addEventListener("htmx:afterRequest", (event) => event.detail.successful && say(""));

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, askAgain);
}
