// Files for a composer: dropped on it or pasted into it, added to those chosen before, looked at and taken out again
// before they are sent, and refused here when they are too large. And pictures of the conversation, shown large.
import { complain } from "./http.js";
import { style } from "./turned_to.js";

const SHOWN = 8_000_000; // bytes of a picture that is shown before it is sent
const MEGABYTE = 1_000_000;
const known = new WeakMap(); // input: its files before it was changed
let own = false;

const input = (form) => form.querySelector("input[type=file][name=files]");
const composer = (element) => element.closest?.("form[data-composer]");
const same = (one, other) => one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

const give = (field, files) => {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  field.files = transfer.files;
};

// Adds `more` to what is chosen, as far as all together can be sent.
const add = (form, field, before, more) => {
  const all = [...before, ...more.filter((file) => !before.some((other) => same(file, other)))];
  const limit = Number(document.body.dataset.mostMb);
  const fits = !limit || all.reduce((sum, file) => sum + file.size, 0) <= limit * MEGABYTE;
  give(field, fits ? all : before);
  if (!fits) complain(form.querySelector("textarea"), document.body.dataset.tooLarge.replace("{}", limit));
};

const take = (form, more) => {
  const field = input(form);
  if (!field || !more.length) return;
  add(form, field, [...field.files], more);
  own = true;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  own = false;
};

// The picker gives only what was chosen now: what was there before stays.
document.addEventListener("change", (event) => {
  const field = event.target;
  const form = field.type === "file" && !own ? composer(field) : null;
  if (form) add(form, field, known.get(field) ?? [], [...field.files]);
}, true);

document.addEventListener("filesshown", (event) => {
  const form = composer(event.target);
  const field = form && input(form);
  if (!field) return;
  known.set(field, [...field.files]);
  [...event.target.children].forEach((element, number) => {
    const file = field.files[number];
    if (!file?.type.startsWith("image/") || file.size > SHOWN) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const picture = document.createElement("img");
      Object.assign(picture, { src: reader.result, alt: "" });
      element.classList.add("file-pic");
      element.querySelector(".icon")?.replaceWith(picture);
    });
    reader.readAsDataURL(file);
  });
});

document.addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  const form = composer(event.target);
  for (const other of document.querySelectorAll(".is-over")) if (other !== form) other.classList.remove("is-over");
  if (!form || !input(form)) return;
  event.preventDefault();
  form.classList.add("is-over");
});

document.addEventListener("dragleave", (event) => {
  const form = composer(event.target);
  if (form && !form.contains(event.relatedTarget)) form.classList.remove("is-over");
});

document.addEventListener("drop", (event) => {
  const form = composer(event.target);
  if (!form || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  form.classList.remove("is-over");
  take(form, [...event.dataTransfer.files]);
});

// A picture of the clipboard has no name of its own: it gets the moment's.
const named = (file) => {
  if (file.name && file.name !== "image.png") return file;
  const moment = new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-");
  return new File([file], `${moment}.${file.type.split("/")[1] ?? "png"}`, { type: file.type });
};

document.addEventListener("paste", (event) => {
  const form = composer(event.target);
  const files = [...event.clipboardData?.files ?? []];
  if (!form || !files.length || !input(form)) return;
  if (event.clipboardData.getData("text/plain")) return; // of a table or a text, the words are meant
  event.preventDefault();
  take(form, files.map(named));
});

const show = (link) => {
  const dialog = document.getElementById("picture-large");
  const picture = dialog.querySelector("img");
  const { alt } = link.querySelector("img");
  Object.assign(picture, { src: link.href, alt });
  dialog.querySelector("h2").textContent = alt;
  dialog.querySelector("a").href = `${link.href}?save`;
  if (!dialog.open) dialog.showModal();
  dialog.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const all = [...document.querySelectorAll(".msg-files a.thumb")];
    const next = all[all.indexOf(link) + step];
    if (next) show(next);
  };
};

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".msg-files a.thumb");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !document.getElementById("picture-large")) return;
  event.preventDefault();
  show(link);
});
style("windows");
document.documentElement.dataset.writing = "ready";
