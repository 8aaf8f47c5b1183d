// Tickets selected in the list: by the box, a range with Shift, x for the row where one stands. What is selected stays so
// while the list refreshes; the bar with what can be done is there as long as anything is.
import { hide } from "./preview.js";

const bar = () => document.getElementById("bulk");
const boxes = () => [...document.querySelectorAll("tr[data-row] input[name=number]")];
let last = null;

export const selected = () => boxes().filter((box) => box.checked);

const show = () => {
  const all = boxes();
  const on = all.filter((box) => box.checked);
  if (on.length) hide();
  for (const box of all) box.closest("tr").toggleAttribute("data-selected", box.checked);
  const head = document.querySelector("[data-all]");
  if (head) {
    head.checked = all.length > 0 && on.length === all.length;
    head.indeterminate = on.length > 0 && on.length < all.length;
  }
  if (!bar()) return;
  bar().hidden = on.length === 0;
  const words = bar().querySelector("[data-selected]");
  const said = on.length ? words.dataset.selected.replace("{}", on.length) : "";
  if (words.textContent !== said) words.textContent = said;
};

const none = () => {
  for (const box of boxes()) box.checked = false;
  last = null;
  show();
};

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
    show();
  } else if (event.target.closest("[data-none]")) {
    none();
  } else if (event.target.matches("tr[data-row] input[name=number]")) {
    const all = boxes();
    const [from, to] = [all.findIndex((box) => box.value === last), all.indexOf(event.target)];
    if (event.shiftKey && from >= 0) {
      for (const box of all.slice(Math.min(from, to), Math.max(from, to) + 1)) box.checked = event.target.checked;
    }
    last = event.target.value;
    show();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.matches?.("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
  const box = document.querySelector("tr.is-here input[name=number]");
  if (!box) return;
  box.click();
  event.preventDefault();
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (bar()?.contains(ctx.sourceElement) && ctx.request.method === "POST" && ctx.response.status < 400) none();
});
document.addEventListener("htmx:after:swap", show);
show();
