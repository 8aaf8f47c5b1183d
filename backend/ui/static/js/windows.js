// Dialogs and small windows that come from the server into #windows: they open by themselves ([data-opens-itself]),
// close once their form has done its work ([data-window]) or by [data-closes-window], and give the focus back.
import { style } from "./turned_to.js";
let opener = null;

const leave = (element) => {
  const frame = element.closest("dialog, .w-mail");
  if (frame?.open && frame.close) frame.close();
  frame?.remove();
  if (opener?.isConnected) opener.focus();
  opener = null;
};

document.addEventListener("htmx:before:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  if (source.getAttribute("hx-target") === "#windows") opener = source.closest("details")?.querySelector("summary") ?? source;
});

const openDialogs = () => {
  for (const dialog of document.querySelectorAll("#windows dialog[data-opens-itself]:not([open])")) {
    dialog.showModal();
    dialog.addEventListener("close", () => { if (dialog.isConnected) leave(dialog); });
  }
};

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches?.("form[data-window]") && ctx.response.status < 400) leave(ctx.sourceElement);
});

document.addEventListener("click", (event) => {
  const closes = event.target.closest("[data-closes-window]");
  if (closes) leave(closes);
});

// The small window of a mail: minimised, as large as it is at first, or maximised.
const size = (frame, to) => {
  frame.dataset.size = to;
  frame.querySelector("[data-window-small]").setAttribute("aria-expanded", String(to !== "small"));
  frame.querySelector("[data-window-large]").setAttribute("aria-pressed", String(to === "large"));
};

document.addEventListener("click", (event) => {
  const frame = event.target.closest(".w-mail");
  if (!frame) return;
  if (event.target.closest("[data-window-small]")) size(frame, frame.dataset.size === "small" ? "" : "small");
  else if (event.target.closest("[data-window-large]")) size(frame, frame.dataset.size === "large" ? "" : "large");
  else if (frame.dataset.size === "small" && event.target.closest(".w-bar") && !event.target.closest("button")) size(frame, "");
});

document.addEventListener("keydown", (event) => {
  const frame = event.target.closest?.(".w-mail");
  if (!frame || event.key !== "Escape" || event.defaultPrevented || event.target.matches("[role=combobox][aria-expanded=true], [data-text-modules] *")) return;
  event.preventDefault();
  event.stopPropagation();
  size(frame, "small");
  frame.querySelector("[data-window-small]").focus();
}, true);

const openWindow = () => {
  const frame = document.querySelector("#windows .w-mail:not([data-size])");
  if (!frame) return;
  size(frame, "");
  (frame.querySelector("[data-recipients] .chip") ? frame.querySelector("textarea") : frame.querySelector("[role=combobox]")).focus();
};

const begin = () => {
  openDialogs();
  openWindow();
};
document.addEventListener("htmx:after:swap", begin);
begin();

// One recipient at a time: whoever is chosen takes the place of who was there.
document.addEventListener("pick", (event) => {
  const form = event.target.closest?.("form[data-one] [data-adds]")?.closest("form");
  if (form) form.querySelector("[data-recipients]").replaceChildren();
}, true);
style("windows");
