// Menus (details[data-menu]) and dialogs: arrows, Home, End, Escape; one open at a time; a click elsewhere closes.
const items = (menu) => [...menu.querySelectorAll('[role^="menuitem"]')];
const openOnes = () => document.querySelectorAll("details[data-menu][open]");

export const close = (details, refocus = false) => {
  details.open = false;
  if (refocus) details.querySelector("summary").focus();
};

export const enter = (details) => {
  const first = details.querySelector("[autofocus], [role=combobox], input:not([type=hidden])") ??
    details.querySelector('[aria-checked="true"]') ?? items(details)[0];
  first?.focus({ preventScroll: true });
};

document.addEventListener("toggle", (event) => {
  const details = event.target;
  if (!details.matches?.("details[data-menu]") || !details.open) return;
  for (const other of openOnes()) if (other !== details && !other.contains(details)) close(other);
  details.dispatchEvent(new CustomEvent("opens")); // hx-trigger: "toggle" is fired by closing too
  if (!details.contains(document.activeElement) || document.activeElement.matches("summary")) enter(details);
}, true);

document.addEventListener("click", (event) => {
  for (const details of openOnes()) {
    const inside = details.contains(event.target);
    const chosen = inside && event.target.closest('[role^="menuitem"]');
    if (!inside || chosen) setTimeout(() => close(details, Boolean(chosen) && document.activeElement !== document.body && details.contains(document.activeElement)));
  }
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.matches("dialog")) event.target.close(); // the backdrop
});

// Tab goes through the fields of a form in a menu; past the last one it closes.
document.addEventListener("focusout", (event) => {
  const details = event.target.closest?.("details[data-menu][open]");
  const next = event.relatedTarget;
  if (next && details?.querySelector(":scope > .menu-form") && !details.contains(next)) close(details);
});

const moves = { ArrowDown: 1, ArrowUp: -1 };
document.addEventListener("keydown", (event) => {
  const details = event.target.closest?.("details[data-menu][open]");
  if (!details) return;
  const all = items(details);
  const at = all.indexOf(document.activeElement);
  if (event.key === "Escape") {
    event.stopPropagation();
    close(details, true);
  } else if (event.key === "Tab" && all.length) { // a form is walked through; it closes once the focus has left it
    if (!event.target.closest(".menu-form")) close(details);
  } else if (event.key in moves && all.length && !event.target.matches("input")) {
    all[(at + moves[event.key] + all.length) % all.length].focus();
  } else if (event.key === "Home" && at >= 0) {
    all[0].focus();
  } else if (event.key === "End" && at >= 0) {
    all.at(-1).focus();
  } else {
    return;
  }
  if (event.key !== "Tab") event.preventDefault();
});

document.addEventListener("focusout", (event) => {
  const details = event.target.closest?.("details[data-menu][open]");
  if (details && event.relatedTarget && !details.contains(event.relatedTarget)) close(details);
});

// A form in a menu that has done its work closes it; items that arrive after the menu opened take the focus.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const details = ctx.sourceElement.closest?.("[data-closes]")?.closest("details[data-menu]");
  if (details && ctx.response.status < 400) close(details, true);
});
document.addEventListener("htmx:after:swap", (event) => {
  const details = event.detail.ctx.sourceElement;
  if (!details?.matches?.("details[data-menu][open]")) return;
  const first = details.querySelector('[aria-checked="true"]') ?? items(details)[0];
  (first ?? details.querySelector(".menu :is(input:not([type=hidden]), button)"))?.focus({ preventScroll: true });
});

// The first letter leads to the next item that begins with it.
document.addEventListener("keydown", (event) => {
  const details = event.target.closest?.("details[data-menu][open]");
  if (!details || event.key.length !== 1 || event.ctrlKey || event.metaKey || event.target.matches("input, textarea")) return;
  const all = items(details);
  const at = all.indexOf(document.activeElement);
  const next = [...all.slice(at + 1), ...all.slice(0, at + 1)]
    .find((each) => each.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()));
  if (!next) return;
  next.focus();
  event.preventDefault();
  event.stopPropagation();
});
