// The rounds: what was learned, and how it goes.
import {h} from "./dom.js";

export class Rounds {
  element = h("main", {class: "rounds"}, h("p", {class: "empty"}, "This view is not there yet; open a round's report.html."));
}
