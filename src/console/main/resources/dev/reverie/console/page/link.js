// The connection to the console: its WebSocket, and what a person asks.

const SAY_MS = 1000;
const AGAIN_MS = [300, 600, 1200, 2500];

/** Who is signed in: {role, person}; null for nobody. */
export async function me() {
  const answer = await fetch("/api/me");
  const who = await answer.json();
  return who.role ? who : null;
}

/** Signs in; throws an error that says why not. */
export async function signIn(token, person) {
  return await post("/api/sign-in", {token, person});
}

export async function signOut() {
  await post("/api/sign-out", {});
}

/** Gets what is at a path; throws an error that says why not. */
export async function get(path) {
  let answer;
  try {
    answer = await fetch(path);
  } catch {
    throw new Error("The console does not answer.");
  }
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.refused);
  return told;
}

async function post(path, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: {"Content-Type": "application/json", ...headers},
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("the console does not answer");
  }
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.refused), {status: answer.status});
  return told;
}

/** Keeps a WebSocket open, and hands on what comes by it. */
export class Link {
  #page = "";
  #socket = null;
  #tries = 0;
  #said = 0;
  #on;
  #closed = false;

  /** on: {hello, state, picture, lost}; picture(head, blob) returns a promise of its drawing. */
  constructor(on) {
    this.#on = on;
    this.#open();
  }

  #open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/live`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = message => this.#took(message.data);
    socket.onclose = () => this.#lost();
    this.#socket = socket;
  }

  async #lost() {
    if (this.#closed) return;
    this.#on.lost();
    await new Promise(done => setTimeout(done, AGAIN_MS[Math.min(this.#tries++, AGAIN_MS.length - 1)]));
    if (!this.#closed) this.#open();
  }

  async #took(data) {
    if (typeof data !== "string") {
      const length = new DataView(data).getUint16(0);
      const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 2, length)));
      const bytes = new Uint8Array(data, 2 + length);
      try {
        await this.#on.picture(head, new Blob([bytes], {type: head.type}));
      } finally {
        this.#say(`${head.camera} ${head.kind}`);
      }
      return;
    }
    const message = JSON.parse(data);
    if (message.hello) {
      this.#tries = 0;
      this.#page = message.hello.page;
      this.#on.hello(message.hello);
    } else if (message.state) {
      this.#on.state(message.state);
      if (performance.now() - this.#said > SAY_MS) {
        this.#said = performance.now();
        this.#say("state");
      }
    }
  }

  #say(shown) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({shown}));
  }

  /** Asks the robot; the answer is {ok, message, episodeId}. Throws an error that says why not. */
  async ask(what) {
    return await post("/api/ask", what, {"X-Reverie-Page": this.#page});
  }

  /** Changes a recorded episode: {name, outcome, note}; without an outcome it is recovered. */
  async change(what) {
    return await post("/api/rollouts", what, {"X-Reverie-Page": this.#page});
  }

  /** Has all files of a policy's bundle read. */
  async check(id) {
    return await post("/api/policies", {id}, {"X-Reverie-Page": this.#page});
  }

  /** Begins or ends a replay of recorded episodes. */
  async replay(what) {
    return await post("/api/replay", what, {"X-Reverie-Page": this.#page});
  }

  /** Asks the world model that this page plays in; the error has the answer's status. */
  async play(what) {
    return await post("/api/play", what, {"X-Reverie-Page": this.#page});
  }

  close() {
    this.#closed = true;
    this.#socket.close();
  }
}
