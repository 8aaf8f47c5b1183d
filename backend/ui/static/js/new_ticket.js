// A new ticket while somebody is on the telephone: the caller's customer comes by itself, somebody new is written down
// on the spot, and Ctrl+Enter is enough.
const form = document.querySelector("form.new-ticket");
const combobox = (name) => form.elements[name].closest("[data-combobox]").querySelector("[role=combobox]");
const aside = form.querySelector("[data-new-contact]");

form.addEventListener("change", async (event) => {
  const { name, value } = event.target;
  if (name !== "contact" || !value) return;
  aside.open = false;
  if (form.elements.customer.value) return;
  const answer = await fetch(`/tickets/new/contact?contact=${encodeURIComponent(value)}`).catch(() => null);
  const found = answer?.ok ? await answer.json() : {};
  if (!found.value || form.elements.customer.value) return;
  form.elements.customer.value = found.value;
  combobox("customer").value = found.shown;
});

// Whoever is new takes the place of the contact: what was typed there is the name.
aside.addEventListener("toggle", () => {
  const box = combobox("contact");
  if (aside.open) {
    const typed = box.value.trim();
    form.elements.contact.value = "";
    form.elements.contact.dispatchEvent(new Event("change", { bubbles: true })); // what is open of the other one goes
    box.value = "";
    if (!form.elements.new_name.value) form.elements.new_name.value = typed;
    if (form.elements.customer.value) form.elements.new_name.focus();
    else combobox("customer").focus(); // behind it Tab goes on to name, telephone and mail
  } else {
    for (const name of ["new_name", "new_phone", "new_mail"]) form.elements[name].value = "";
  }
  box.disabled = aside.open;
});

// Where nobody of that name is found, Enter (or a tap on the sentence that says so) leads there.
const nobody = (element) => {
  const root = element.closest?.("[data-combobox]");
  return root?.contains(combobox("contact")) && root.querySelector("[role=listbox]:not([hidden]) > .menu-title");
};
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !nobody(event.target)) return;
  event.preventDefault();
  event.stopPropagation();
  aside.open = true;
}, true);
form.addEventListener("click", (event) => { if (event.target.matches(".menu-title") && nobody(event.target)) aside.open = true; });

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button[type=submit]"));
});

// There is always one more row for a fact.
const MOST_FACTS = 20;
const facts = form.querySelector("[data-facts]");
facts.addEventListener("input", (event) => {
  const rows = facts.querySelectorAll(".new-fact");
  if (event.target.closest(".new-fact") !== rows[rows.length - 1] || rows.length === MOST_FACTS) return;
  const row = rows[0].cloneNode(true);
  for (const input of row.querySelectorAll("input")) input.value = "";
  facts.append(row);
});

if (!form.elements.contact.value) combobox("contact").focus();
