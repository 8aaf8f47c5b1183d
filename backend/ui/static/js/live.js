// What a page shows, it keeps up to date: each element with data-live="topic topic" hears the event `live`
// when one of its topics is told, and fetches itself again (hx-trigger="live").
const SETTLE = 40; // ms in which topics gather before the elements are told
const RETRY = [1000, 2000, 5000, 15000];

let source = null;
let listening = "";
let failures = 0;
const pending = new Set();
let timer = null;

const elements = () => [...document.querySelectorAll("[data-live]")];
const looked = new WeakMap();
const waiting = new WeakMap();

// An element with data-live-rest="ms" looks again at most that often; the last news is never lost.
const tell = (element) => {
  const rest = Number(element.dataset.liveRest ?? 0) - (Date.now() - (looked.get(element) ?? 0));
  if (rest > 0) {
    if (!waiting.has(element)) waiting.set(element, setTimeout(() => { waiting.delete(element); tell(element); }, rest));
    return;
  }
  looked.set(element, Date.now());
  if (element.isConnected) element.dispatchEvent(new CustomEvent("live", { bubbles: false }));
};

const topicsOf = (element) => element.dataset.live.split(/\s+/).filter(Boolean);

const flush = () => {
  timer = null;
  const told = new Set(pending);
  pending.clear();
  for (const element of elements()) {
    if (topicsOf(element).some((topic) => told.has(topic) || told.has("*"))) {
      tell(element);
    }
  }
};

// Tells the elements that show `topic` ("*": all) to look again.
export const look = (topic) => {
  pending.add(topic);
  timer ??= setTimeout(flush, SETTLE);
};

const open = (query, missed) => {
  const old = source;
  const next = new EventSource(`/live?${query}`);
  source = next;
  next.addEventListener("open", () => {
    old?.close();
    failures = 0;
    document.documentElement.dataset.line = "open";
    if (missed) look("*");
  });
  next.addEventListener("look", (event) => look(event.data));
  next.addEventListener("error", () => {
    delete document.documentElement.dataset.line;
    if (next !== source || next.readyState !== EventSource.CLOSED) return; // the browser itself tries again
    old?.close();
    const wait = RETRY[Math.min(failures, RETRY.length - 1)];
    failures += 1;
    setTimeout(() => { if (next === source) open(query, true); }, wait);
  });
};

// Listens to exactly the topics that stand on the page now.
export const listen = () => {
  const topics = [...new Set(elements().flatMap(topicsOf))].sort();
  const query = topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join("&");
  if (query === listening) return;
  listening = query;
  if (query) return open(query, false);
  source?.close();
  source = null;
};

// A refresh leaves the focus where it is: htmx gives it to [autofocus] after each swap, and whoever was writing further
// down would go on writing there.
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceEvent, sourceElement } = event.detail.ctx;
  if (sourceEvent?.type !== "live") return;
  for (const element of sourceElement.querySelectorAll("[autofocus]")) element.removeAttribute("autofocus");
});
document.addEventListener("htmx:after:swap", listen);
document.addEventListener("look", (event) => (event.detail?.topic ?? "*").split(" ").forEach(look));
addEventListener("pagehide", () => { source?.close(); source = null; listening = ""; });
addEventListener("pageshow", (event) => { if (event.persisted) { listen(); look("*"); } });
listen();
