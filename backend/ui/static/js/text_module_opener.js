import { enter } from "./menu.js";

// What text modules need is fetched when somebody begins to write, or when a draft comes back with a gap in it.
const load = () => import("./text_modules.js");
const begins = (event) => { if (event.target.matches?.("form[data-gaps] textarea, [data-text-modules] *")) load(); };
document.addEventListener("focusin", begins);
document.addEventListener("pointerdown", begins);
document.addEventListener("draft", (event) => {
  if (event.target.matches("form[data-gaps]") && /⟨|\{\{/.test(event.detail.text)) load();
});
document.addEventListener("keydown", (event) => {
  if (event.code !== "Space" || !event.ctrlKey || !event.target.matches?.("form[data-gaps] textarea")) return;
  const picker = event.target.form.querySelector("[data-text-modules]");
  if (!picker) return;
  event.preventDefault();
  picker.open = true;
  enter(picker); // at once: what is typed next is looked for, and is no part of the text
});
