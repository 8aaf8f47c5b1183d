// Fields that belong to some types of tickets alone: put away, and not sent, while another type is chosen.
const set = (box, shown) => {
  box.hidden = !shown;
  for (const input of box.querySelectorAll("input, select, textarea")) input.disabled = !shown;
};

const sort = () => {
  for (const box of document.querySelectorAll("[data-fields-of]")) {
    const type = box.closest("form").elements[box.dataset.fieldsOf].value;
    for (const each of box.children) set(each, !each.dataset.types || each.dataset.types.split(" ").includes(type));
  }
  for (const box of document.querySelectorAll("[data-shown-by]")) {
    set(box, box.closest("form").elements[box.dataset.shownBy].value === box.dataset.shownFor);
  }
};
document.addEventListener("change", (event) => { if (event.target.matches("select")) sort(); });
document.addEventListener("draft", () => sort());
sort();
