// Pyodide and MicroPython: each is loaded when the first example needs it. One example runs at a time.
import { loadPlots } from "./stage.mjs";

const here = (path) => new URL(path, import.meta.url).href;
const json = async (path) => (await fetch(here(path))).json();

/** What `python -m tools.live` wrote: of each interpreter its size in bytes, and how many of them are got by `fetch` (the
 *  others are modules); and Pyodide's wheels. */
export const sizes = json("sizes.json");

const players = {}; // promises, by interpreter
const watching = new Set(); // who wants to know what has been loaded
let current = null; // the example that runs: its stage, how to stop it, and whom to tell

/** Starts an example with the text of its files. `report` has `loading(received, total)` (bytes), `running()`,
 *  `write(text, kind)`, and `ended(how)`. */
export async function run(interpreter, files, stage, report) {
  watching.add(report.loading);
  players[interpreter] ??= load(interpreter);
  let play;
  try {
    play = await players[interpreter];
  } catch (error) {
    delete players[interpreter]; // the next run tries again
    throw error;
  } finally {
    watching.delete(report.loading);
  }
  await stop();
  const ended = (how) => {
    if (!stage.isPlaying) return;
    if (current?.stage === stage) current = null;
    stage.end();
    report.ended(how);
  };
  current = { stage, ended };
  report.running();
  current.stop = play(files, stage, report.write, ended);
}

/** Stops the example that has this stage, if it runs; without a stage, whichever runs. */
export async function stop(stage = current?.stage) {
  if (!current || current.stage !== stage) return;
  const { stop, ended } = current;
  await stop();
  ended("Stopped.");
}

/** A function that plays files and gives one that stops them. */
async function load(interpreter) {
  const { fetch } = globalThis;
  const total = (await sizes)[interpreter].fetched;
  let received = 0;
  globalThis.fetch = async (...request) => {
    const response = await fetch(...request);
    if (!response.body) return response;
    const count = new TransformStream({
      transform(chunk, controller) {
        received = Math.min(total, received + chunk.byteLength);
        watching.forEach((loading) => loading(received, total));
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(count), response);
  };
  try {
    await loadPlots();
    return await { py: pyodide, mpy: micropython }[interpreter]();
  } finally {
    globalThis.fetch = fetch;
  }
}

async function pyodide() {
  const { loadPyodide } = await import(here("runtime/pyodide/pyodide.mjs"));
  const python = await loadPyodide({ indexURL: here("runtime/pyodide/") });
  for (const wheel of (await sizes).wheels) {
    python.unpackArchive(await (await fetch(here(`runtime/${wheel}`))).arrayBuffer(), "wheel");
  }
  python.runPython(await (await fetch(here("player.py"))).text(), { filename: "player.py" });
  const Player = python.globals.get("Player");

  return (files, stage, write, ended) => {
    for (const [set, kind] of [["setStdout", ""], ["setStderr", "error"]]) {
      const decoder = new TextDecoder();
      python[set]({ write: (bytes) => write(decoder.decode(bytes, { stream: true }), kind) ?? bytes.length });
    }
    python.registerJsModule("stage", stage.names);
    const player = Player(python.toPy(files), ended);
    return () => player.stop();
  };
}

/** It plays page.py alone: the hub needs CPython. What it has begun and waits for time alone cannot be stopped. */
async function micropython() {
  const { loadMicroPython } = await import(here("runtime/micropython/micropython.mjs"));
  let write;
  const python = await loadMicroPython({
    url: here("runtime/micropython/micropython.wasm"),
    heapsize: 8 * 1024 * 1024,
    stdout: (line) => write(`${line}\n`),
  });
  for (const [path, source] of Object.entries(await json("runtime/browserws.json"))) {
    python.FS.mkdirTree(`/lib/${path.slice(0, path.lastIndexOf("/"))}`);
    python.FS.writeFile(`/lib/${path}`, source);
  }
  python.runPython("import sys\nsys.path.append('/lib')\nown = list(globals()) + ['own', 'name']");

  return (files, stage, newWrite, ended) => {
    write = newWrite;
    python.registerJsModule("stage", stage.names);
    python.runPython("for name in list(globals()):\n    if name not in own: del globals()[name]");
    python.runPythonAsync(files["page.py"]).then(
      () => ended("Finished."),
      (error) => {
        write(`${error.message.replaceAll("<stdin>", "page.py")}\n`, "error");
        ended("Ended by an exception.");
      },
    );
    return () => {};
  };
}
