// Links to pictures: which texts are any, why one cannot be fetched, and what was dropped or pasted.
const LONGEST = 2000;

// A link of this very page leads nowhere that the site could fetch a picture from.
let isOurOwn = false;
addEventListener("dragstart", () => { isOurOwn = true; });
addEventListener("dragend", () => { isOurOwn = false; });

/** Whether what is dragged over the page may be dropped for a field; text fields take text by themselves. */
export function canTake(event) {
  const { types } = event.dataTransfer;
  if (types.includes("Files")) return true;
  return types.includes("text/uri-list") && !isOurOwn && !isWriting(event.target);
}

/** Whether it is a field that one writes in. */
export function isWriting(element) {
  return Boolean(element?.matches?.("textarea, input:not([type=file], [type=radio], [type=checkbox])"));
}

/** Whether the text is the address of something on the web, and nothing else. */
export function isLink(text) {
  return /^https?:\/\/./i.test(text) && URL.canParse(text);
}

/** Why the site would refuse the link at once, in its own words; empty where it would not. */
export function whyNot(link, name) {
  if (link.length > LONGEST) {
    const [length, limit] = [link.length, LONGEST].map((number) => number.toLocaleString("en"));
    return `The link to the ${name} is ${length} characters long; the limit is ${limit}. Choose the picture as a file instead.`;
  }
  const said = `The ${name} cannot be fetched from this link.`;
  if (!isLink(link)) return `${said} This is no address of the web: it must begin with http:// or https:// and name a host.`;
  const url = new URL(link);
  if (url.username || url.password) return `${said} The address at ${url.hostname} holds a user name or password: leave them out.`;
  return "";
}

/** The links in a text that is nothing but one link, or two. */
export function linksInText(text) {
  const found = text.split(/\s+/).filter(Boolean);
  return found.length <= 2 && found.every(isLink) ? found : [];
}

/** What was dragged here from another page: the picture itself, where it stands within a link. */
export function linksInDrop(transfer) {
  const page = new DOMParser().parseFromString(transfer.getData("text/html"), "text/html");
  const picture = page.querySelector("img")?.getAttribute("src") ?? "";
  if (isLink(picture)) return [picture];
  const lines = transfer.getData("text/uri-list").split(/[\r\n]+/);
  return linksInText(lines.filter((line) => !line.startsWith("#")).join(" "));
}
