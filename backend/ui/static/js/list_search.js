// The search finds while one types: the list changes, the field keeps the focus, and the address says what is shown.
const WAIT = 200; // ms after the last key
const field = document.querySelector("form[role=search] input[name=q]");
const list = () => document.getElementById("list");
const before = location.pathname + location.search;
let timer = null;
let abort = null;
let shown = field?.value.trim() ?? "";

const address = () => {
  if (!field.value.trim()) return new URL(before, location).searchParams.get("q") ? "/tickets" : before;
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(field.form)) if (value) asked.append(name, value);
  return `/tickets?${asked}`;
};

const find = async () => {
  if (field.value.trim() === shown) return;
  const words = field.value.trim();
  abort?.abort();
  abort = new AbortController();
  const target = list();
  const url = address();
  target.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: abort.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    await htmx.swap({ sourceElement: target, target, text, swap: "outerMorph" });
    shown = words;
    history.replaceState(null, "", url);
  } catch (error) {
    if (error.name === "AbortError") return;
    // Enter asks in the ordinary way, and is told what is wrong.
  }
  list()?.removeAttribute("aria-busy");
};

if (field && list()) {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, WAIT);
  });
}
