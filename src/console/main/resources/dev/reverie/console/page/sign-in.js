// Asks for a token and a name; a token in the address is taken from there.
import {h, text} from "./dom.js";
import {signIn} from "./link.js";

const NAME = "reverie-person";

/** Shows the form; the promise is of who signed in. */
export function askWho(root) {
  return new Promise(done => {
    const token = h("input", {
      id: "token", type: "password", autocomplete: "off", required: true, spellcheck: "false",
    });
    const person = h("input", {
      id: "person", autocomplete: "name", required: true, maxlength: "64", spellcheck: "false",
    });
    const refused = h("p", {class: "refused", role: "alert"});
    const go = h("button", {class: "primary"}, "Sign in");
    const form = h(
      "form",
      {
        class: "sign-in card",
        onsubmit: async event => {
          event.preventDefault();
          go.disabled = true;
          try {
            const who = await signIn(token.value.trim(), person.value.trim());
            localStorage.setItem(NAME, who.person);
            done(who);
          } catch (error) {
            text(refused, error.message);
            go.disabled = false;
          }
        },
      },
      h("h1", {}, "Reverie"),
      h("p", {class: "quiet"}, "Your name stands in the recordings beside what you ask for."),
      h("label", {for: "person"}, "Name"), person,
      h("label", {for: "token"}, "Token"), token,
      h("p", {class: "hint"}, "The console printed it when it started."),
      refused, go);
    root.replaceChildren(h("main", {class: "alone"}, form));
    token.value = location.hash.slice(1);
    if (location.hash) history.replaceState(null, "", location.pathname);
    person.value = localStorage.getItem(NAME) ?? "";
    (person.value ? token : person).focus();
    if (person.value && token.value) form.requestSubmit();
  });
}
