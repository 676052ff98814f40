// The work of the benchmark, and raw JavaScript as its first contender.
//
// A contender is a set of functions, registered by name. `done` is called without arguments.
//
//   open(url, done)          a new connection, whose messages are counted
//   expect(count, done)      done when so many more messages have come
//   say(text)                sends text
//   pingpong(count, done)    sends 32 characters, and again for each message that comes and was read, so many times
//   give(size, done)         sends so many bytes; done, with the milliseconds it took, when the call has returned
//   close()

class Bench {
  contenders = {};
  readers = {}; // of a channel, see channels.py
  opened = null; // [milliseconds of the import, until the connection was open], once it is
  socket = null; // the last one that was made, whoever made it

  constructor() {
    const bench = this;
    globalThis.WebSocket = new Proxy(WebSocket, {
      construct(target, parameters) {
        return (bench.socket = new target(...parameters));
      },
    });
    console.log = () => {}; // wasmsockets logs every message: that would be measured, too
  }

  register(name, open, expect, say, pingpong, give, close) {
    this.contenders[name] = { open, expect, say, pingpong, give, close };
    document.title = Object.keys(this.contenders).join(" ");
  }

  async open(name, path) {
    const contender = this.contenders[name];
    await new Promise((done) => contender.open(`ws://${location.host}${path}`, done));
    return contender;
  }

  // --- the work; each gives a number ---

  // Microseconds of main thread for one message of a flood: synthetic events, `together` of them in each task.
  async flood(name, kind, size, count, together) {
    const contender = await this.open(name, "/idle");
    const socket = this.socket;
    const data = messages(kind, size);
    let sent = 0;
    const start = performance.now();
    await new Promise((done) => {
      contender.expect(count, done);
      const task = () => {
        for (const end = Math.min(count, sent + together); sent < end; sent++) {
          socket.dispatchEvent(new MessageEvent("message", { data: data[sent % data.length] }));
        }
        if (sent < count) nextTask(task);
      };
      task();
    });
    const elapsed = performance.now() - start;
    contender.close();
    return (elapsed / count) * 1000;
  }

  // Microseconds from a message that comes alone until it has been handled.
  async lone(name, kind, size, count) {
    const contender = await this.open(name, "/idle");
    const socket = this.socket;
    const data = messages(kind, size);
    const times = [];
    for (let number = 0; number < count; number++) {
      await new Promise((done) => setTimeout(done, 3));
      let end;
      const handled = new Promise((done) => contender.expect(1, () => ((end = performance.now()), done())));
      const start = performance.now();
      socket.dispatchEvent(new MessageEvent("message", { data: data[number % data.length] }));
      await handled;
      times.push(end - start);
    }
    contender.close();
    return middle(times) * 1000;
  }

  // Messages per second from the server's first to the last.
  async stream(name, kind, size, count) {
    const contender = await this.open(name, `/stream/${kind}/${size}/${count}`);
    const start = performance.now();
    await new Promise((done) => {
      contender.expect(count, done);
      contender.say("go");
    });
    const elapsed = performance.now() - start;
    contender.close();
    return (count / elapsed) * 1000;
  }

  // One connection after the other.
  async connections(name, count) {
    for (let number = 0; number < count; number++) {
      const contender = await this.open(name, "/idle");
      const closed = new Promise((done) => this.socket.addEventListener("close", done, { once: true }));
      contender.close();
      await closed;
    }
  }

  // Milliseconds until the first connection is open; opening.py does it in Python, after its import.
  async opening() {
    const start = performance.now();
    const contender = await this.open("raw JavaScript", "/idle");
    this.opened = [0, performance.now() - start, 0];
    contender.close();
  }

  // Microseconds of one round trip, one message in flight.
  async roundtrip(name, count) {
    const contender = await this.open(name, "/echo");
    const start = performance.now();
    await new Promise((done) => contender.pingpong(count, done));
    const elapsed = performance.now() - start;
    contender.close();
    return (elapsed / count) * 1000;
  }

  // Microseconds until so many bytes are back, one message in flight.
  async echo(name, size, count) {
    const contender = await this.open(name, "/echo");
    const start = performance.now();
    for (let number = 0; number < count; number++) {
      await new Promise((done) => {
        contender.expect(1, done);
        contender.give(size, () => {});
      });
    }
    const elapsed = performance.now() - start;
    contender.close();
    return (elapsed / count) * 1000;
  }

  // Join a hub's channel; `finished` is fulfilled when so many messages of it have come.
  async read(name, count) {
    await new Promise((joined) => {
      const all = new Promise((done) => this.readers[name](`ws://${location.host}/hub`, count, joined, done));
      this.finished = () => all.then(() => this.leave());
    });
  }

  // Microseconds that the call to send takes.
  async send(name, size, count) {
    const contender = await this.open(name, "/sink");
    const socket = this.socket;
    let elapsed = 0;
    for (let number = 0; number < count; number++) {
      elapsed += await new Promise((done) => contender.give(size, done));
      while (socket.bufferedAmount) await new Promise((done) => setTimeout(done, 1));
    }
    contender.close();
    return (elapsed / count) * 1000;
  }
}

// The mean of the middle half: the clock is too coarse for a median, and a mean is ruled by the rare long pause.
function middle(times) {
  const half = times.sort((a, b) => a - b).slice(times.length >> 2, times.length - (times.length >> 2));
  return half.reduce((sum, time) => sum + time, 0) / half.length;
}

function messages(kind, size) {
  const make = (number) =>
    kind === "text" ? String(number).padStart(size, "message ") : new Uint8Array(size).fill(number).buffer;
  return Array.from({ length: Math.max(1, Math.min(1000, 2 ** 24 / size)) }, (_, number) => make(number));
}

const channel = new MessageChannel();
function nextTask(callback) {
  channel.port1.onmessage = callback;
  channel.port2.postMessage(null);
}

globalThis.bench = new Bench();

{
  let socket, count, expected, total, done;
  const bytes = {};
  bench.register(
    "raw JavaScript",
    (url, opened) => {
      socket = new WebSocket(url);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => opened();
      socket.onmessage = (event) => {
        const data = event.data;
        total += typeof data === "string" ? data.length : data.byteLength;
        if (++count === expected) done();
      };
    },
    (wanted, callback) => ([count, expected, total, done] = [0, wanted, 0, callback]),
    (text) => socket.send(text),
    (times, callback) => {
      const text = "x".repeat(32);
      socket.onmessage = (event) => {
        total += event.data.length;
        if (--times) socket.send(text);
        else callback();
      };
      socket.send(text);
    },
    (size, callback) => {
      bytes[size] ??= new Uint8Array(size);
      const start = performance.now();
      socket.send(bytes[size]);
      callback(performance.now() - start);
    },
    () => socket.close(),
  );
}

bench.readers["raw JavaScript"] = (url, count, joined, done) => {
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send('{"type":"hello","v":1}');
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "message") {
      if (!--count) done(message.data.number);
    } else if (message.type === "welcome") socket.send('{"type":"join","id":1,"channel":"bench"}');
    else if (message.type === "joined") joined();
  };
  bench.leave = () => socket.close();
};
