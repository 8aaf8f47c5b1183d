/* The global `microsoftTeams` as a personal tab finds it: who is around the page, and how it looks there.
   https://learn.microsoft.com/javascript/api/@microsoft/teams-js/app */

let around = null;
let arrived;
const welcomed = new Promise((resolve) => { arrived = resolve; });
const themeHandlers = new Set();

onHost("welcome", (said) => {
  around = said;
  arrived();
});
onHost("theme", ({ theme }) => {
  if (around) around.theme = theme;
  for (const handler of themeHandlers) handler(theme);
});

async function initialize() {
  tellHost({ kind: "hello" });
  await welcomed;
}

async function getContext() {
  if (!around) throw new Error("The library has not yet been initialized");
  const { locale, theme, user, page } = around;
  return { app: { locale, theme, host: { name: "Teams", clientType: "web" } }, user, page };
}

window.microsoftTeams = {
  app: {
    initialize,
    getContext,
    isInitialized: () => around !== null,
    notifyAppLoaded() {},
    notifySuccess: async () => ({}),
    registerOnThemeChangeHandler(handler) { themeHandlers.add(handler); },
  },
};
