// Chats that wait, on every page of the desk: their number in the title, and a sound for a new one.
// The sound is made here, and only for whoever has switched it on; a browser plays none before the first press or key.
const KEY = "deskside.sound";
const store = (() => { try { return window.localStorage; } catch { return null; } })();
const wanted = () => store?.getItem(KEY) === "on";

let audio = null;
let before = null;
const title = document.title.replace(/^\(\d+\) /, "");

const ready = () => {
  if (!wanted() || audio || !window.AudioContext) return;
  audio = new AudioContext();
};

const tone = (frequency, at) => {
  const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.12, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.4);
};

export const ring = async () => {
  if (!audio) return;
  await audio.resume();
  tone(660, audio.currentTime);
  tone(880, audio.currentTime + 0.18);
  document.documentElement.dataset.rang = String(Number(document.documentElement.dataset.rang ?? 0) + 1);
};

const show = () => {
  const sign = document.getElementById("chats-waiting");
  if (sign?.dataset.waiting === undefined) return;
  const now = Number(sign.dataset.waiting);
  document.title = now ? `(${now}) ${title}` : title;
  if (before !== null && now > before) ring();
  before = now;
};

const marked = () => {
  for (const button of document.querySelectorAll("[data-sound]")) button.setAttribute("aria-pressed", String(wanted()));
};

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-sound]")) return;
  store?.setItem(KEY, wanted() ? "off" : "on");
  marked();
  ready();
  if (wanted()) ring();
});
for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, ready);
document.addEventListener("htmx:after:swap", () => { show(); marked(); });
marked();
