// The policies, where they come from, and which one acts.
import {h} from "./dom.js";

export class Policies {
  element = h("main", {class: "policies"}, h("p", {class: "empty"}, "This view is not there yet; ask ./reverie policy history."));
}
