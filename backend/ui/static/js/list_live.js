// The list stays up to date and does not move under the pointer: while somebody points at it, stands on a row or has
// selected some, rows change where they are, and new ones are announced by a button above. Otherwise all is put in place.
import { selected } from "./list_select.js";

const list = () => document.getElementById("list");
const wrap = () => list()?.querySelector(".tablewrap");
const button = () => list()?.querySelector("[data-news]");
const rows = (root) => [...root.querySelectorAll("tr[data-row]")];
const held = () => Boolean(wrap() && (wrap().matches(":hover") || wrap().querySelector("tbody").contains(document.activeElement) || selected().length));

let waits = false; // something has not been put in place yet
let forced = false;

// Cells take over what is new in them; the box and the faces of who is there stay.
const renew = (old, fresh) => {
  const gone = old.cells.length !== fresh.cells.length;
  if (gone) return;
  const here = old.classList.contains("is-here");
  old.className = fresh.className;
  old.classList.toggle("is-here", here);
  [...fresh.cells].forEach((cell, number) => {
    const now = old.cells[number];
    if (now.classList.contains("c-check")) return;
    const [link, other] = [now.querySelector("a.subject"), cell.querySelector("a.subject")];
    if (link && other) {
      if (link.textContent !== other.textContent) link.textContent = other.textContent;
      link.href = other.getAttribute("href");
    } else if (now.innerHTML !== cell.innerHTML) {
      now.replaceChildren(...cell.childNodes);
      if (cell.title) now.title = cell.title;
    }
  });
};

const count = (fresh) => {
  for (const place of [".view .n", ".metric-n"]) {
    const [old, now] = [list().querySelectorAll(place), fresh.querySelectorAll(place)];
    if (old.length === now.length) old.forEach((each, number) => { each.textContent = now[number].textContent; });
  }
};

const announce = (added, moved) => {
  const news = button();
  if (!news) return;
  waits = added > 0 || moved;
  news.hidden = !waits;
  news.textContent = added > 1 ? news.dataset.many.replace("{}", added) : added ? news.dataset.one : news.dataset.moved;
};

const patch = (html) => {
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const fresh = rows(parsed.content);
  const old = new Map(rows(list()).map((row) => [row.id, row]));
  const order = [...old.keys()].filter((id) => fresh.some((row) => row.id === id)).join();
  const added = fresh.filter((row) => !old.has(row.id)).length;
  const kept = fresh.filter((row) => old.has(row.id));
  for (const row of old.values()) row.classList.toggle("is-gone", !fresh.some((each) => each.id === row.id));
  const moved = order !== kept.map((row) => row.id).join() || kept.length < old.size;
  count(parsed.content);
  for (const row of kept) renew(old.get(row.id), row);
  announce(added, moved);
  document.dispatchEvent(new CustomEvent("renewed"));
};

const settle = () => {
  if (!waits) return;
  waits = false;
  forced = true;
  list()?.dispatchEvent(new CustomEvent("live"));
};

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement !== list() || ctx.sourceEvent?.type !== "live") return;
  if (!forced && held()) {
    event.preventDefault();
    patch(ctx.text);
    return;
  }
  forced = false;
  announce(0, false);
});

const free = () => setTimeout(() => { if (waits && !held()) settle(); });
document.addEventListener("click", (event) => { if (event.target.closest("[data-news]")) settle(); else free(); });
document.addEventListener("pointerout", (event) => { if (waits && event.target.closest?.(".tablewrap") && !event.relatedTarget?.closest?.(".tablewrap")) free(); });
document.addEventListener("focusout", (event) => { if (waits && event.target.closest?.(".tablewrap")) free(); });
