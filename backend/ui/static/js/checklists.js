// Checklists in the rail: closing a ticket with open items, where the server asks for the reason.
const wantsReason = (ctx) =>
  new DOMParser().parseFromString(ctx.text ?? "", "text/html").querySelector('[data-field="closing_reason"]');

const inRail = (form, value) => {
  const asked = form.closest(".rail")?.querySelector("[data-closing]");
  if (!asked) return;
  asked.elements.value.value = value;
  asked.hidden = false;
  asked.elements.closing_reason.focus();
};

const inComposer = (form, value) => {
  const asked = form.querySelector("[data-closing-here]");
  const send = asked.querySelector("[data-closing-send]");
  Object.assign(send, { type: "submit", name: "status", value });
  asked.hidden = false;
  form.elements.closing_reason.focus();
};

const put = (asked) => {
  const reason = asked.querySelector('[name="closing_reason"]');
  if (!reason) return; // a chat that began meanwhile has put another composer in its place
  const send = asked.querySelector("[data-closing-send]");
  if (send) Object.assign(send, { type: "button", name: "", value: "" });
  reason.value = "";
  asked.hidden = true;
};

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement;
  if (ctx.response.status !== 422 || form.matches("[data-closing]") || !wantsReason(ctx)) return;
  const value = (ctx.request.submitter ?? ctx.sourceEvent?.submitter)?.value ?? "";
  if (form.matches("[data-composer]")) inComposer(form, value);
  else inRail(form, value);
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement;
  if (ctx.response.status >= 400 || !form.matches?.("form")) return;
  if (form.matches("[data-closing]")) put(form);
  const asked = form.matches("[data-composer]") && form.querySelector("[data-closing-here]");
  if (asked) put(asked);
});

document.addEventListener("click", (event) => {
  const asked = event.target.closest("[data-closing-cancel]")?.closest("[data-closing], [data-closing-here]");
  if (!asked) return;
  put(asked);
  const form = asked.closest("[data-composer]");
  if (form) return form.querySelector("textarea[name=text]").focus();
  const status = document.getElementById("d-status");
  status.parentElement.querySelector("[data-error]").textContent = "";
  status.querySelector("summary").focus();
});
