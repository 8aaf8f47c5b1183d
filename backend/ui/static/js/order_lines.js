// The lines of an order in its form: one more, one less.
const body = document.querySelector("[data-lines]");
const form = body.closest("form");
let next = body.rows.length;

const add = () => {
  const row = document.getElementById("line-inputs").content.firstElementChild.cloneNode(true);
  const at = String(next++);
  for (const element of row.querySelectorAll("[id], [for], [name]")) {
    for (const name of ["id", "for", "name"]) {
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, value.replace("lines._.", `lines.${at}.`));
    }
  }
  body.append(row);
  return row;
};

form.addEventListener("click", (event) => {
  if (event.target.closest("[data-add-line]")) add().querySelector("[name$='.sku']").focus();
  const gone = event.target.closest("[data-remove-line]")?.closest("tr");
  if (!gone) return;
  const near = gone.nextElementSibling ?? gone.previousElementSibling;
  gone.remove();
  (near?.querySelector("[data-remove-line]") ?? form.querySelector("[data-add-line]")).focus();
});

// Enter in a line goes on to the next one instead of sending a half-filled order.
body.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("input")) return;
  event.preventDefault();
  const row = event.target.closest("tr");
  (row.nextElementSibling ?? add()).querySelector("[name$='.sku']").focus();
});
