// Puts the page together: who is there, what is shown, and the stop that is always in reach.
import {h, shown, text} from "./dom.js";
import {listen} from "./keys.js";
import {Link, me, signOut} from "./link.js";
import {Live} from "./live.js";
import {Play} from "./play.js";
import {Policies} from "./policies.js";
import {Replay} from "./replay.js";
import {Rollouts} from "./rollouts.js";
import {Rounds} from "./rounds.js";
import {askWho} from "./sign-in.js";

const SAID_MS = 5000;

async function begin() {
  show((await me()) ?? (await askWho(document.body)));
}

function show(who) {
  const commands = who.role === "OPERATOR";
  const said = h("div", {class: "said", role: "status"});
  const lost = h("div", {class: "lost", role: "alert", hidden: true},
    "The console does not answer; it is tried again. The arm goes on without this page.");
  let hide = 0;
  const say = (words, wrong = false) => {
    clearTimeout(hide);
    text(said, words);
    said.classList.toggle("wrong", wrong);
    said.classList.add("up");
    hide = setTimeout(() => said.classList.remove("up"), SAID_MS);
  };
  const asked = async asking => {
    try {
      const answer = await asking();
      if (!answer.ok) say(answer.message || "The robot refused.", true);
      return answer;
    } catch (error) {
      say(error.message, true);
      return null;
    }
  };
  const ask = what => asked(() => link.ask(what));
  const live = new Live(ask, say, commands);
  const rollouts = new Rollouts(what => asked(() => link.change(what)), say, commands);
  const replay = new Replay(what => link.replay(what), commands, () => rollouts.listed(), () => { location.hash = "rollouts"; });
  const policies = new Policies(ask, id => asked(() => link.check(id)), say, commands, replay, rollouts, () => { location.hash = "rollouts"; });
  const views = {live, rollouts, policies, rounds: new Rounds(), play: new Play(what => link.play(what), commands)};
  const links = Object.keys(views).map(name =>
    h("a", {href: `#${name}`, "data-view": name}, name[0].toUpperCase() + name.slice(1)));
  const viewName = () => location.hash.slice(1) in views ? location.hash.slice(1) : "live";
  const go = () => {
    for (const [name, view] of Object.entries(views)) shown(view.element, name === viewName());
    for (const link of links) {
      if (link.dataset.view === viewName()) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const [name, view] of Object.entries(views)) view.look?.(name === viewName());
  };
  window.addEventListener("hashchange", go);
  const stop = h("button", {class: "stop", onclick: () => ask({ask: "stop"})}, "Stop", h("kbd", {}, "Esc"));
  const person = h("button", {
    class: "person", title: "Sign out",
    onclick: async () => { await signOut(); location.reload(); },
  }, who.person, h("span", {class: "role"}, commands ? "operator" : "viewer"));
  const link = new Link({
    hello: () => shown(lost, false),
    lost: async () => {
      shown(lost, true);
      document.body.classList.add("away");
      if (await signedOut()) location.reload();
    },
    state: state => {
      document.body.classList.remove("away");
      document.title = `${state.robot.name} · Reverie`;
      for (const view of Object.values(views)) view.update?.(state);
    },
    picture: (head, blob) => live.cameras.picture(head, blob),
  });
  document.body.replaceChildren(
    h("header", {class: "bar"},
      h("span", {class: "brand"}, "Reverie"),
      h("nav", {"aria-label": "Views"}, ...links),
      person,
      ...(commands ? [stop] : [])),
    lost, ...Object.values(views).map(view => view.element), said);
  go();
  const labelled = () => ({live: live.episode, rollouts})[viewName()];
  const film = what => { if (viewName() === "rollouts") what(rollouts.player); };
  listen({
    p: () => film(player => player.toggle()),
    ",": () => film(player => player.step(-1)),
    ".": () => film(player => player.step(1)),
  });
  if (commands) {
    listen({
      Escape: () => ask({ask: "stop"}),
      s: () => labelled()?.label("success"),
      f: () => labelled()?.label("failure"),
      d: () => labelled()?.label("aborted"),
      u: () => labelled()?.undo(),
      r: () => labelled()?.focus(),
      n: () => live.episode.focusNote(),
    });
  }
}

/** Whether the console answers, and knows nobody here. */
async function signedOut() {
  try {
    return (await me()) === null;
  } catch {
    return false;
  }
}

await begin();
