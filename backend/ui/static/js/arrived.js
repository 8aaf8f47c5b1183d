// A link may lead to one place of a ticket, #m17 to a message: what it is folded in opens, and older messages are fetched
// until it is there.
const id = decodeURIComponent(location.hash.slice(1));
const older = () => [...document.querySelectorAll("details[hx-get*='/older?before=']:not([open])")].pop();

const arrive = () => {
  const place = document.getElementById(id);
  for (let fold = place; fold; fold = fold.parentElement.closest("details")) if (fold.tagName === "DETAILS") fold.open = true;
  place?.scrollIntoView({ block: "start" });
  return Boolean(place);
};

const seek = () => {
  if (arrive()) return document.removeEventListener("htmx:after:swap", seek);
  const next = /^m\d+$/.test(id) && older();
  if (next) next.open = true; // which fetches them
};

document.addEventListener("htmx:after:swap", seek);
seek();
