// Who is on which ticket, at the end of its title in the list. The list itself is not fetched again for it.
let expiry = null;
const shown = new WeakMap(); // place: what stands there

const spread = () => {
  const all = document.getElementById("presences");
  if (!all) return;
  for (const place of document.querySelectorAll("[data-on-it]")) {
    const html = all.querySelector(`[data-ticket="${place.dataset.onIt}"]`)?.innerHTML ?? "";
    if ((shown.get(place) ?? "") === html) continue;
    place.innerHTML = html;
    shown.set(place, html);
  }
  const left = Number(all.firstElementChild?.dataset.left ?? NaN);
  clearTimeout(expiry);
  if (Number.isFinite(left)) expiry = setTimeout(() => all.dispatchEvent(new CustomEvent("live")), left + 50);
};

document.addEventListener("htmx:after:swap", spread);
