// The personal tab in Teams: the host says who sits here and how it looks, then the desk takes over.
import { signIn } from "/addin/static/js/session.js";

const main = document.getElementById("main");
const wait = document.getElementById("tab-wait");
const failed = document.getElementById("tab-failed");
const LOOKS = { dark: "dark", contrast: "contrast", glass: "dark" };
const PATIENCE = 15000;

// Where no Teams answers, TeamsJS waits for ever.
const inTime = (work) => Promise.race([
  work,
  new Promise((_resolve, reject) => { setTimeout(() => reject(new Error("no host")), PATIENCE); }),
]);

const dress = (theme) => {
  const look = LOOKS[theme] ?? "light";
  document.documentElement.dataset.theme = look;
  // The desk's own pages look here. Storage is closed to frames of another site in private windows; this is not.
  document.cookie = `deskside-look=${look}; path=/; secure; samesite=none; partitioned`;
};

// A link into the tab names a page of the desk; anything else leads to where the tab was going anyway.
const place = (context) => {
  const wanted = context?.page?.subPageId ?? "";
  return /^\/[a-z][a-z0-9/-]*$/.test(wanted) ? wanted : main.dataset.next;
};

const enter = async () => {
  failed.hidden = true;
  wait.hidden = false;
  try {
    const host = window.microsoftTeams.app;
    await inTime(host.initialize());
    const context = await inTime(host.getContext());
    dress(context?.app?.theme);
    host.registerOnThemeChangeHandler?.(dress);
    await inTime(signIn("tab"));
    location.replace(place(context));
  } catch (error) {
    const said = failed.querySelector("[data-said]");
    said.textContent = error.said || said.dataset.nobody;
    wait.hidden = true;
    failed.hidden = false;
    document.getElementById("tab-again").focus();
  }
};

document.getElementById("tab-again").addEventListener("click", enter);
enter();
