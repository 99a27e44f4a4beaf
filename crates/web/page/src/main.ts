/** Signing in, by a name: the address says who a tab is, so that it can be loaded again. */
import { App } from "./app.js";
import { Backend } from "./backend.js";
import { fromAddress, identify, toAddress } from "./identity.js";
import { loadRules } from "./rules.js";
import { byId, setText } from "./view/dom.js";

const form = byId<HTMLFormElement>("sign-in");
const name = byId<HTMLInputElement>("name");

function showForm(error = ""): void {
  byId("app").hidden = true;
  form.hidden = false;
  delete document.body.dataset["standing"];
  const { named } = fromAddress(location.search);
  setText(byId("as-device"), named === null ? "" : `This tab is the device ${named}.`);
  setText(byId("sign-in-error"), error);
  name.value ||= localStorage.getItem("roomcall-page:last") ?? "";
  name.focus();
}

async function signIn(user: string): Promise<void> {
  const { named } = fromAddress(location.search);
  const identity = identify(user, named, localStorage);
  try {
    // The name may not do, which a socket could not say.
    await new Backend(user, identity.device).socketURL();
  } catch (error) {
    return showForm(`That does not work: ${error instanceof Error ? error.message : String(error)}.`);
  }
  localStorage.setItem("roomcall-page:last", user);
  history.replaceState(null, "", toAddress(user, named));
  form.hidden = true;
  byId("app").hidden = false;
  const app = new App(identity, () => {
    history.replaceState(null, "", toAddress(null, named));
    showForm();
  });
  await app.session.start();
  app.draw();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const user = name.value.trim();
  if (user !== "") void signIn(user);
});

await loadRules();
const { user } = fromAddress(location.search);
if (user === null) showForm();
else await signIn(user);
document.body.classList.add("ready");
