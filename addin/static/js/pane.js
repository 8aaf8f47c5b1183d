// The pane: follows the selected e-mail and shows what belongs to it. On another mail everything is emptied at once
// and filled again; what still comes for an earlier mail is thrown away.
import { canSignIn, signIn } from "./session.js";
import { follow, now, selected, stillOn, whole } from "./item.js";

const SKELETON = 150; // ms before the grey shapes show
const AGAIN = 5000; // ms until what could not be shown is asked for again
const main = document.getElementById("main");
const itemView = document.getElementById("item-view");
const ticketView = document.getElementById("ticket-view");
const toasts = document.getElementById("toasts");
let abort = new AbortController();
let scrolled = 0;
let opener = "";
let anchored = true; // the newest message stands in view and stays there when another comes
let signedIn = false;

const state = (name, text) => {
  itemView.replaceChildren(document.getElementById(`state-${name}`).content.cloneNode(true));
  if (text) itemView.querySelector("[data-text]").textContent = text;
};

const empty = () => {
  document.dispatchEvent(new CustomEvent("leaving")); // what has been typed is kept before its form goes
  abort.abort();
  abort = new AbortController();
  ticketView.replaceChildren();
  ticketView.hidden = true;
  itemView.replaceChildren();
  itemView.hidden = false;
  toasts?.replaceChildren();
  scrolled = 0;
  scrollTo(0, 0);
};

// What common.js does after each swap of htmx's (drafts, comboboxes, live topics) is due after ours too.
const tellSwapped = () => {
  document.dispatchEvent(new CustomEvent("htmx:after:swap", { detail: { ctx: { sourceElement: main } } }));
};

const fill = (view, html) => {
  view.innerHTML = html;
  htmx.process(view);
  tellSwapped();
};

// Fetches a fragment for the generation `was`; null when another mail was selected meanwhile.
const fragment = async (url, was, options = {}) => {
  const ask = () => fetch(url, {
    ...options,
    signal: abort.signal,
    headers: {
      "HX-Request": "true",
      "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content,
      ...options.headers,
    },
  });
  let answer = await ask();
  if (answer.status === 401) {
    await signIn();
    answer = await ask();
  }
  const html = await answer.text();
  if (!stillOn(was)) return null;
  if (!answer.ok) {
    const said = new DOMParser().parseFromString(html, "text/html").querySelector("[data-problem]");
    throw Object.assign(new Error(String(answer.status)), { said: said?.textContent.trim() });
  }
  return html;
};

const fetchItem = async ({ kind, ...facts }, was) => {
  if (!signedIn) {
    await signIn();
    signedIn = true;
    document.getElementById("timer")?.dispatchEvent(new CustomEvent("live"));
  }
  return fragment(`/addin/item?${new URLSearchParams(facts)}`, was);
};

// What could not be shown is asked for again, quietly, until it can or another mail is selected.
const keepTrying = (item, was) => setTimeout(async () => {
  if (!stillOn(was) || !itemView.querySelector("[data-again]")) return;
  try {
    const html = await fetchItem(item, was);
    if (html !== null) fill(itemView, html);
  } catch { keepTrying(item, was); }
}, AGAIN);

const showItem = async (was) => {
  empty();
  const item = selected();
  if (item.kind !== "mail") return state(item.kind);
  const skeleton = setTimeout(() => { if (stillOn(was)) state("loading"); }, SKELETON);
  try {
    const html = await fetchItem(item, was);
    clearTimeout(skeleton);
    if (html !== null) fill(itemView, html);
  } catch (error) {
    clearTimeout(skeleton);
    if (!stillOn(was) || error.name === "AbortError") return;
    const refused = !signedIn && !(error instanceof TypeError); // a TypeError is fetch's word for no connection
    state(refused ? "refused" : "failed", error.said);
    if (!refused) keepTrying(item, was);
  }
};

const bottom = () => scrollTo(0, document.documentElement.scrollHeight);

const showTicket = async (number, write, query = "") => {
  const was = now();
  try {
    const html = await fragment(`/addin/tickets/${number}${query}`, was);
    if (html === null) return;
    if (ticketView.hidden) scrolled = scrollY;
    opener = String(number);
    ticketView.dataset.tab = "talk";
    fill(ticketView, html);
    itemView.hidden = true;
    ticketView.hidden = false;
    const composer = ticketView.querySelector("form[data-composer]");
    const kind = write && composer?.querySelector(`input[name=kind][value="${write}"]`);
    if (kind) {
      kind.checked = true;
      kind.dispatchEvent(new Event("change", { bubbles: true }));
      composer.querySelector("textarea[name=text]").focus();
    } else {
      ticketView.focus({ preventScroll: true });
    }
    bottom();
    anchored = true;
  } catch (error) {
    if (!stillOn(was) || error.name === "AbortError") return;
    if (opener === String(number) && !ticketView.hidden) back(); // it was deleted here
    complain(itemView, error.said || document.body.dataset.failed);
  }
};

const back = () => {
  document.dispatchEvent(new CustomEvent("leaving"));
  ticketView.hidden = true;
  ticketView.replaceChildren();
  itemView.hidden = false;
  itemView.querySelector("[data-live]")?.dispatchEvent(new CustomEvent("live"));
  tellSwapped();
  itemView.querySelector(`a[data-ticket="${opener}"]`)?.focus({ preventScroll: true });
  scrollTo(0, scrolled);
};

addEventListener("scroll", () => {
  anchored = document.documentElement.scrollHeight - scrollY - innerHeight < 40;
}, { passive: true });
document.addEventListener("htmx:after:swap", () => {
  if (anchored && !ticketView.hidden && ticketView.dataset.tab === "talk") bottom();
});
// A change that leads to a ticket leads to it here, not out of Outlook's frame.
document.addEventListener("htmx:before:response", (event) => {
  const to = event.detail.ctx.response.headers.get("HX-Redirect");
  const [, number, query] = /^\/tickets\/(\d+)(\?merged=\d+)?$/.exec(to ?? "") ?? [];
  if (!number) return;
  event.preventDefault();
  showTicket(number, "", query);
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches?.("form[data-composer]") && ctx.response.status < 400) anchored = true; // own words
});

const complain = (near, text) => {
  const place = near.querySelector("[data-error]");
  if (!place) return document.dispatchEvent(new CustomEvent("toast", { detail: { text, look: "bad" } }));
  place.textContent = text;
  place.hidden = false;
};

const newTicket = async (button) => {
  const was = now();
  const near = button.closest("section");
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  complain(near, "");
  try {
    const mail = await whole();
    const html = await fragment("/addin/tickets", was, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(mail),
    });
    if (html === null) return;
    fill(itemView, html);
    itemView.querySelector(".mailticket .btn")?.focus();
  } catch (error) {
    if (!stillOn(was)) return;
    const { movedOn, tooLarge, unreadable } = main.dataset;
    const known = { "moved on": movedOn, "too large": tooLarge };
    complain(near, error.said || known[error.message] || unreadable);
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
};

// Other tickets open here too; every other link opens beside Outlook, since our pages do not stand in its frame.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]:not([data-ticket])");
  const number = link && !link.hasAttribute("data-outside") && /^\/tickets\/(\d+)$/.exec(link.getAttribute("href"))?.[1];
  if (number && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    showTicket(number);
  }
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-ticket], [data-back], [data-new-ticket], [data-again], [data-opens-section]");
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (target.matches("[data-ticket]")) {
    event.preventDefault();
    showTicket(target.dataset.ticket, target.dataset.write);
  } else if (target.matches("[data-back]")) {
    event.preventDefault();
    back();
  } else if (target.matches("[data-new-ticket]")) newTicket(target);
  else if (target.matches("[data-again]")) showItem(now());
  else {
    const section = document.getElementById(target.dataset.opensSection);
    section.hidden = false;
    section.querySelector("input[role=combobox]")?.focus();
  }
});

const tab = (chosen) => {
  for (const each of chosen.parentElement.querySelectorAll("[role=tab]")) {
    const on = each === chosen;
    each.setAttribute("aria-selected", String(on));
    each.tabIndex = on ? 0 : -1;
  }
  ticketView.dataset.tab = chosen.dataset.tab; // outside of what looks again, so the choice stays
  chosen.focus();
  if (chosen.dataset.tab === "talk") bottom();
  else scrollTo(0, 0);
};

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("#ticket-view [role=tab]");
  if (chosen) tab(chosen);
});

document.addEventListener("keydown", (event) => {
  const other = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
  const chosen = other && event.target.closest?.("#ticket-view [role=tab]");
  if (chosen?.[other]) tab(chosen[other]);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !ticketView.hidden && !event.defaultPrevented && !event.target.matches("textarea, input")) back();
});

// A choice in the search for the sender's customer is an answer at once.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-pick]");
  if (form && event.target.type === "hidden" && event.target.value) form.requestSubmit();
});

// A fragment that was asked for by something no longer on the page belongs to an earlier mail.
document.addEventListener("htmx:before:swap", (event) => {
  const source = event.detail?.ctx?.sourceElement;
  if (source && !source.isConnected) event.preventDefault();
});

const light = (colour) => {
  const parts = /^#?(..)(..)(..)/.exec(colour ?? "#ffffff");
  return parts ? parts.slice(1).reduce((sum, hex) => sum + parseInt(hex, 16), 0) / 3 : 255;
};

// High contrast has no name in Office: pure black under pure white is what it looks like.
const theme = () => {
  const office = Office.context.officeTheme;
  if (!office) return;
  const [ground, text] = [light(office.bodyBackgroundColor), light(office.bodyForegroundColor ?? "#000000")];
  const look = ground === 0 && text === 255 ? "contrast" : office.isDarkTheme ?? ground < 128 ? "dark" : "light";
  document.documentElement.dataset.chosen = "";
  document.documentElement.dataset.theme = look;
};

Office.onReady(() => {
  theme();
  if (!Office.context.mailbox) return state("none");
  if (!canSignIn()) return state("unsupported");
  Office.context.mailbox.addHandlerAsync?.(Office.EventType.OfficeThemeChanged, theme, () => {});
  follow(showItem);
});
