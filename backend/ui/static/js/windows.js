// Dialogs and small windows that come from the server into #windows: they open by themselves ([data-opens-itself]),
// close once their form has done its work ([data-window]) or by [data-closes-window], and give the focus back.
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

document.addEventListener("htmx:after:swap", () => {
  for (const dialog of document.querySelectorAll("#windows dialog[data-opens-itself]:not([open])")) {
    dialog.showModal();
    dialog.addEventListener("close", () => { if (dialog.isConnected) leave(dialog); });
  }
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches?.("form[data-window]") && ctx.response.status < 400) leave(ctx.sourceElement);
});

document.addEventListener("click", (event) => {
  const closes = event.target.closest("[data-closes-window]");
  if (closes) leave(closes);
});
