// A card with the newest message after the pointer or the focus has rested 400 ms on a row's title ([data-preview]),
// while no box is ticked.
const REST = 400;
const card = document.getElementById("preview");
let timer = null;
let over = null;
const seen = new Map();

export const hide = () => {
  clearTimeout(timer);
  over?.removeAttribute("aria-describedby");
  over = null;
  if (card) card.hidden = true;
};

// Whoever ticks boxes wants to see the rows.
const choosing = () => document.querySelector("tr[data-row] input[name=number]:checked");

const show = async (title) => {
  if (choosing()) return;
  const url = title.dataset.preview;
  try {
    if (!seen.has(url)) {
      const answer = await fetch(url, { headers: { "HX-Request": "true" } });
      if (!answer.ok) return;
      seen.set(url, await answer.text());
    }
  } catch { return; }
  if (over !== title || choosing()) return;
  card.innerHTML = seen.get(url);
  title.setAttribute("aria-describedby", "preview");
  card.hidden = false;
  const frame = card.offsetParent.getBoundingClientRect();
  const row = title.closest("tr").getBoundingClientRect();
  const left = title.getBoundingClientRect().left - frame.left;
  const below = row.bottom + 8;
  const top = below + card.offsetHeight > innerHeight ? row.top - 8 - card.offsetHeight : below;
  card.style.left = `${Math.max(8, Math.min(left, frame.width - card.offsetWidth - 8))}px`;
  card.style.top = `${top - frame.top}px`;
};

if (card) {
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const title = event.target.closest?.("tr")?.querySelector("[data-preview]");
    if (title === over) return;
    hide();
    if (!title) return;
    over = title;
    timer = setTimeout(() => show(title), REST);
  });
  // Who walks by keyboard rests on a title too.
  document.addEventListener("focusin", (event) => {
    const title = event.target.closest?.("[data-preview]:focus-visible");
    if (!title || title === over) return;
    hide();
    over = title;
    timer = setTimeout(() => show(title), REST);
  });
  document.addEventListener("focusout", (event) => { if (event.target === over) hide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail?.ctx.sourceElement?.id !== "list") return; // faces come and go without a row moving
    seen.clear();
    hide();
  });
  document.addEventListener("renewed", () => seen.clear());
  document.addEventListener("scroll", hide, true);
}
