// What is needed once somebody writes: files, other customers' people, windows.
import { turnedTo } from "./turned_to.js";

turnedTo([
  ["form[data-composer], .msg-files", () => import("./attach.js")],
  ["form[data-composer]", () => import("./foreign.js")],
  ['[hx-target="#windows"], #merge-dialog', () => import("./windows.js")],
]);

document.addEventListener("draft", async (event) => {
  const { target, detail } = event;
  if (detail.files?.length) (await import("./kept.js")).showKept(target, detail.files);
});
document.addEventListener("takenback", async (event) => (await import("./kept.js")).takeUp(event.detail.draft));
