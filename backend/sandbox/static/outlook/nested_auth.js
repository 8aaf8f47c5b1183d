/* The host's side of nested app authentication: who sits here is known, so a token is got without asking. */

import { button, h, toast } from "./dom.js";
import { settings, state } from "./state.js";

let account = null;
let agreed = false;

const refused = (status, description) => ({ success: false, error: { status, code: status, description } });

async function mint(clientId, scope) {
  const answer = await fetch("/_sandbox/token", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ person: state.person.mail, client_id: clientId, scope }),
  });
  if (!answer.ok) throw new Error(`The sandbox refused a token (${answer.status}).`);
  return answer.json();
}

function accountOf(minted) {
  const { homeAccountId, environment, tenantId, username, localAccountId, name } = minted.account;
  return { homeAccountId, environment, tenantId, username, localAccountId, name, idToken: minted.id_token };
}

function question() {
  return new Promise((done) => {
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "ask-title" },
      h("h2", { id: "ask-title" }, "Deskside wants to sign you in"),
      h("p", {}, `It will see that you are ${state.person.name} (${state.person.mail}).`),
      h("div", { class: "dialog-foot" }, button("Cancel", () => dialog.close("no")),
        button("Accept", () => dialog.close("yes"), { kind: "btn-primary" })));
    dialog.addEventListener("close", () => { dialog.remove(); done(dialog.returnValue === "yes"); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

async function token(params) {
  if (!params?.clientId || !params.scope) return refused("PERSISTENT_ERROR", "A token is asked for by a client id and a scope.");
  const minted = await mint(params.clientId, params.scope);
  account = accountOf(minted);
  return {
    success: true, account,
    token: { access_token: minted.access_token, id_token: minted.id_token, expires_in: minted.expires_in,
      properties: null, scope: minted.scope || params.scope },
  };
}

async function context() {
  // The account's ids come with a token; asking for the default ones shows nothing to the pane.
  account = account || accountOf(await mint(undefined, undefined));
  const { homeAccountId, environment, tenantId, username } = account;
  return {
    success: true,
    initContext: { sdkName: "sandbox-outlook", sdkVersion: "1.0", capabilities: { queryAccount: true },
      accountContext: { homeAccountId, environment, tenantId, username } },
  };
}

/** Answers one request of the bridge; the answer lacks only what the bridge itself adds. */
export async function answer(request) {
  if (settings.signin === "off") return refused("NESTED_APP_AUTH_UNAVAILABLE", "Nested authentication is switched off here.");
  try {
    if (request.method === "GetInitContext") return await context();
    if (request.method === "GetToken") {
      if (settings.signin === "ask" && !agreed) return refused("USER_INTERACTION_REQUIRED", "The person has to agree first.");
      return await token(request.tokenParams);
    }
    if (request.method === "GetTokenPopup") {
      if (!(await question())) return refused("USER_CANCEL", "The person did not agree.");
      agreed = true;
      return await token(request.tokenParams);
    }
    return refused("PERSISTENT_ERROR", `There is no ${request.method}.`);
  } catch (error) {
    toast(error.message);
    return refused("TRANSIENT_ERROR", error.message);
  }
}
