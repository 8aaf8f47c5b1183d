// What is needed once somebody writes is fetched when they turn to it, so that pages stay light.
const needs = [
  ["form[data-composer], .msg-files", "./attach.js"],
  ["form[data-composer]", "./foreign.js"],
  ['[hx-target="#windows"]', "./windows.js"],
];

const turnTo = (event) => {
  for (const [where, module] of needs) if (event.target.closest?.(where)) import(module);
};
for (const kind of ["focusin", "pointerover", "dragenter"]) document.addEventListener(kind, turnTo, true);

document.addEventListener("draft", async (event) => {
  const { target, detail } = event;
  if (detail.files?.length) (await import("./kept.js")).showKept(target, detail.files);
});
document.addEventListener("takenback", async (event) => (await import("./kept.js")).takeUp(event.detail.draft));
