// Find one of many by typing: [data-combobox] around an input, a hidden input and a listbox (ui/combobox.html).
const WAIT = 120; // ms between the last key and the question
const boxes = new WeakMap();

class Combobox {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector('[role="combobox"]');
    this.hidden = root.querySelector('input[type="hidden"]');
    this.list = root.querySelector('[role="listbox"]');
    this.asked = 0;
    this.input.addEventListener("input", () => this.ask());
    this.shown = this.input.value;
    this.input.addEventListener("focus", () => {
      if (this.input.value) return;
      this.hide(); // what was found before it was left a moment ago
      this.ask();
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.leave(), 150));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest('[role="option"]')));
  }

  get options() { return [...this.list.querySelectorAll('[role="option"]')]; }
  // An "@" at the beginning only asks for somebody by name.
  get isAddress() { return this.isFree && /[^\s]@/.test(this.input.value); }
  get isFree() { return this.root.dataset.free !== undefined; }
  get current() { return this.list.querySelector('[aria-selected="true"]'); }

  ask() {
    clearTimeout(this.timer);
    const turn = ++this.asked;
    this.awaited = true;
    this.entered = false;
    this.timer = setTimeout(async () => {
      const url = new URL(this.root.dataset.source, location.href);
      url.searchParams.set("q", this.input.value === this.shown ? "" : this.input.value.trim().replace(/^@/, ""));
      for (const name of this.root.dataset.follows?.split(" ") ?? []) url.searchParams.set(name, this.input.form?.elements[name]?.value ?? "");
      try {
        const answer = await fetch(url, { headers: { "HX-Request": "true" } });
        const text = answer.ok ? await answer.text() : "";
        if (turn !== this.asked) return;
        this.awaited = false;
        if (document.activeElement === this.input) this.show(text);
      } catch { this.hide(); }
    }, WAIT);
  }

  show(html) {
    this.list.innerHTML = html;
    this.options.forEach((option, number) => { option.id = `${this.list.id}-${number}`; });
    if (!this.list.firstElementChild) {
      this.list.innerHTML = '<p class="menu-title"></p>';
      this.list.firstChild.textContent = this.root.dataset.none;
    }
    this.list.hidden = false;
    this.input.ariaExpanded = "true";
    this.mark(this.options[0]);
    if (this.entered) this.enter();
  }

  hide() {
    this.awaited = this.entered = false;
    this.list.hidden = true;
    this.input.ariaExpanded = "false";
    this.input.removeAttribute("aria-activedescendant");
  }

  mark(option) {
    this.current?.setAttribute("aria-selected", "false");
    if (!option) return;
    option.ariaSelected = "true";
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.hide();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.list.hidden) return this.ask();
      const all = this.options;
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.mark(all[(all.indexOf(this.current) + step + all.length) % all.length]);
    } else if (event.key === "Enter" && this.awaited && this.input.value.trim() && !this.isAddress) {
      this.entered = true; // what stands in the list was found for other words
    } else if (event.key === "Enter" && (!this.list.hidden || this.isFree)) {
      this.enter();
    } else if ((event.key === "," || event.key === ";") && this.isFree) {
      this.free();
    } else {
      return;
    }
    event.preventDefault();
  }

  enter() {
    this.entered = false;
    if (this.current && !this.list.hidden && !this.awaited) this.choose(this.current);
    else if (this.isFree) this.free();
  }

  // What was typed, where no offer is needed (an e-mail address among recipients).
  free() {
    const typed = this.input.value.trim();
    if (typed) this.take(typed, typed);
  }

  choose(option) {
    if (option) this.take(option.dataset.value, option.dataset.shown, option.dataset.foreign);
  }

  take(value, shown, foreign) {
    this.hide();
    this.asked += 1;
    const event = new CustomEvent("pick", { bubbles: true, cancelable: true, detail: { value, shown, foreign } });
    if (!this.root.dispatchEvent(event)) return void (this.input.value = "");
    this.input.value = shown;
    this.shown = shown;
    this.hidden.value = value;
    this.hidden.dispatchEvent(new Event("change", { bubbles: true }));
  }

  leave() {
    if (document.activeElement === this.input) return; // come back meanwhile
    this.hide();
    if (this.isAddress) return this.free();
    if (!this.input.value.trim() && this.hidden.value && !this.input.getAttribute("aria-required")) {
      this.hidden.value = "";
      this.hidden.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}

const begin = () => {
  for (const root of document.querySelectorAll("[data-combobox]")) {
    if (!boxes.has(root)) boxes.set(root, new Combobox(root));
  }
};
document.addEventListener("htmx:after:swap", begin);
begin();
