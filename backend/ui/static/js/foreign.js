// Who belongs to another customer is added to a mail only once somebody has confirmed that they shall read it.
let asked = null;

document.addEventListener("pick", (event) => {
  const dialog = document.getElementById("foreign");
  const { value, shown, foreign } = event.detail ?? {};
  if (!foreign || !dialog || !event.target.closest("form[data-composer]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  asked = { root: event.target, value, shown };
  dialog.querySelector("p[data-says]").textContent = dialog.dataset.says.replace("{}", shown).replace("{}", foreign);
  dialog.returnValue = "";
  dialog.showModal();
}, true);

// Once the dialog is closed, so that the focus can go where the name goes.
document.addEventListener("close", (event) => {
  if (event.target.id !== "foreign" || !asked) return;
  const { root, value, shown } = asked;
  asked = null;
  if (event.target.returnValue !== "sure") return;
  root.dispatchEvent(new CustomEvent("pick", { bubbles: true, cancelable: true, detail: { value, shown } }));
  const chosen = [...root.closest("form").querySelectorAll(".chip input[type=hidden]")].find((one) => one.value === value);
  if (!chosen) return;
  const mark = document.createElement("input");
  Object.assign(mark, { type: "hidden", name: "sure", value });
  chosen.after(mark);
}, true);
