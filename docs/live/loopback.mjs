// A WebSocket whose server is in this page: it gets a number, and sends so many messages. Each comes as the browser
// would bring it, as a MessageEvent in a task of its own; there is no network, and no other process.
const TEXT = "x".repeat(32);

export class Loopback extends EventTarget {
  static #own = null; // the browser's WebSocket, while this one is in its place
  static #open = new Set();

  static install() {
    Loopback.#own ??= globalThis.WebSocket;
    globalThis.WebSocket = Loopback;
  }

  static uninstall() {
    if (Loopback.#own) globalThis.WebSocket = Loopback.#own;
    Loopback.#own = null;
    Loopback.#open.forEach((socket) => socket.close());
  }

  readyState = 0;
  protocol = "";
  extensions = "";
  bufferedAmount = 0;
  binaryType = "blob";
  #server = new MessageChannel();

  constructor(url) {
    super();
    this.url = url;
    this.#server.port1.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent("message", { data }));
    Loopback.#open.add(this);
    setTimeout(() => {
      if (this.readyState > 0) return;
      this.readyState = 1;
      this.dispatchEvent(new Event("open"));
    });
  }

  send(count) {
    for (let sent = 0; sent < Number(count); sent++) this.#server.port2.postMessage(TEXT);
  }

  close(code = 1000, reason = "") {
    if (this.readyState > 1) return;
    this.readyState = 2;
    this.#server.port1.close();
    Loopback.#open.delete(this);
    setTimeout(() => {
      this.readyState = 3;
      this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean: true }));
    });
  }
}

/** Raw JavaScript: `count` messages, and each is read. */
export async function flood(count) {
  const socket = new Loopback("ws://in-this-page/");
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  let received = 0;
  let length = 0;
  await new Promise((resolve) => {
    socket.addEventListener("message", (event) => {
      length += event.data.length;
      if (++received === count) resolve(length);
    });
    socket.send(count);
  });
  socket.close();
}
