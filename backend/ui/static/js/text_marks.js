// Colours stretches of a text field: gaps orange, what Deskside filled in blue. A field cannot colour its own text, so a
// sheet with the same text, font and place lies behind it; it is there only while there is something to colour.
const kept = new WeakMap(); // field: { sheet, filled: [[start, end]], value, watch }

const SIDES = ["Top", "Right", "Bottom", "Left"];
const LIKE = [
  "fontFamily", "fontSize", "fontWeight", "fontStyle", "lineHeight", "letterSpacing", "textIndent", "tabSize", "boxSizing",
  ...SIDES.map((side) => `padding${side}`), ...SIDES.map((side) => `border${side}Width`),
];

const state = (area) => {
  if (!kept.has(area)) kept.set(area, { sheet: null, filled: [], value: area.value });
  return kept.get(area);
};

// The stretches follow what is typed before them; one that is typed into is no longer ours.
const follow = (own, value) => {
  const before = own.value;
  own.value = value;
  if (before === value || !own.filled.length) return;
  let head = 0;
  while (head < before.length && before[head] === value[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && tail < value.length - head && before.at(-1 - tail) === value.at(-1 - tail)) tail += 1;
  const shift = value.length - before.length;
  own.filled = own.filled.flatMap(([start, end]) => {
    if (end <= head) return [[start, end]];
    return start >= before.length - tail ? [[start + shift, end + shift]] : [];
  });
};

export const marked = (area, start, end) => { if (end > start) state(area).filled.push([start, end]); };

const lie = (area, sheet) => {
  const style = getComputedStyle(area);
  for (const name of LIKE) sheet.style[name] = style[name];
  Object.assign(sheet.style, {
    top: `${area.offsetTop}px`, left: `${area.offsetLeft}px`, height: `${area.offsetHeight}px`,
    width: `${area.clientWidth + 2 * area.clientLeft}px`, // without the scrollbar
  });
  sheet.scrollTop = area.scrollTop;
};

const lay = (area, own) => {
  own.sheet = document.createElement("div");
  own.sheet.className = "marks";
  own.sheet.setAttribute("aria-hidden", "true");
  area.before(own.sheet);
  area.parentElement.classList.add("has-marks");
  own.watch = new ResizeObserver(() => { if (own.sheet) lie(area, own.sheet); });
  own.watch.observe(area);
  own.watch.observe(area.form);
  own.scroll = () => { if (own.sheet) own.sheet.scrollTop = area.scrollTop; };
  area.addEventListener("scroll", own.scroll);
};

const lift = (area, own) => {
  own.watch.disconnect();
  area.removeEventListener("scroll", own.scroll);
  area.parentElement?.classList.remove("has-marks");
  own.sheet.remove();
  own.sheet = null;
};

// Colours `gaps` ([{start, end}]) and what was `marked`, as the text stands now.
export const mark = (area, gaps) => {
  const own = state(area);
  follow(own, area.value);
  const all = [
    ...own.filled.map(([start, end]) => ({ start, end, look: "filled" })),
    ...gaps.map(({ start, end }) => ({ start, end, look: "gap" })),
  ].sort((one, other) => one.start - other.start);
  if (!all.length) return own.sheet && lift(area, own);
  if (!own.sheet?.isConnected) lay(area, own);
  const nodes = [];
  let at = 0;
  for (const { start, end, look } of all) {
    if (start < at) continue;
    const piece = document.createElement("span");
    piece.className = look;
    piece.textContent = area.value.slice(start, end);
    nodes.push(area.value.slice(at, start), piece);
    at = end;
  }
  own.sheet.replaceChildren(...nodes, `${area.value.slice(at)}\n`);
  lie(area, own.sheet);
};
