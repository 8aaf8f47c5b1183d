// The ticket's page: the history stays anchored at the composer, and the rail remembers what is open.
const log = () => document.querySelector(".talk-scroll");
const RAIL = () => `deskside.rail.${document.body.dataset.person}`;
let anchored = true;

const bottom = () => {
  const scroll = log();
  if (scroll) scroll.scrollTop = scroll.scrollHeight;
};

const closed = () => { try { return new Set(JSON.parse(localStorage.getItem(RAIL()) ?? "[]")); } catch { return new Set(); } };

const rail = () => {
  const shut = closed();
  for (const section of document.querySelectorAll(".rail details[data-section]")) section.open = !shut.has(section.dataset.section);
};

document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.(".rail details[data-section]")) return;
  const shut = closed();
  shut[event.target.open ? "delete" : "add"](event.target.dataset.section);
  localStorage.setItem(RAIL(), JSON.stringify([...shut]));
}, true);

document.addEventListener("scroll", (event) => {
  if (event.target === log()) anchored = log().scrollHeight - log().scrollTop - log().clientHeight < 40;
}, true);
document.addEventListener("htmx:after:swap", () => { if (anchored) bottom(); });
document.addEventListener("click", (event) => {
  const fold = event.target.closest("[data-fold]");
  if (fold) fold.closest("details").open = false;
});
if (log()) {
  new ResizeObserver(() => { if (anchored) bottom(); }).observe(log());
  rail();
  bottom();
}
