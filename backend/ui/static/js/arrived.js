// A link may lead to one place of a ticket, #m17 to a message: what it is folded in opens, and older messages are fetched
// until it is there.
const id = decodeURIComponent(location.hash.slice(1));
const older = () => [...document.querySelectorAll("details[hx-get*='/older?before=']:not([open])")].pop();

// The frame that hides what it cannot hold stays where it is: only what people scroll themselves is scrolled.
const bring = (place) => {
  for (let around = place.parentElement; around; around = around.parentElement) {
    const root = around === document.documentElement;
    const held = [around, ...(root ? [document.body] : [])].some((each) => /hidden|clip/.test(getComputedStyle(each).overflowY));
    if (held) around.scrollTop = 0;
    else if (around.scrollHeight > around.clientHeight && (root || /auto|scroll/.test(getComputedStyle(around).overflowY))) {
      around.scrollTop += place.getBoundingClientRect().top - (root ? 0 : around.getBoundingClientRect().top) - 16;
    }
  }
};

const arrive = () => {
  const place = document.getElementById(id);
  for (let fold = place; fold; fold = fold.parentElement.closest("details")) if (fold.tagName === "DETAILS") fold.open = true;
  if (place) bring(place);
  return Boolean(place);
};

const seek = () => {
  if (arrive()) return document.removeEventListener("htmx:after:swap", seek);
  const next = /^m\d+$/.test(id) && older();
  if (next) next.open = true; // which fetches them
};

document.addEventListener("htmx:after:swap", seek);
seek();
