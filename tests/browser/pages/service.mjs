// Plain Pyodide in a service worker, which may import nothing later on: its own module is handed to it.
import createPyodideModule from "/pyodide/pyodide.asm.mjs";
import { loadPyodide } from "/pyodide/pyodide.mjs";

const said = new BroadcastChannel("places");
const say = (text) => said.postMessage(text);

async function run() {
  try {
    const pyodide = await loadPyodide({ createPyodideModule, indexURL: "/pyodide/", stdout: say });
    await pyodide.loadPackage("browserws");
    await pyodide.runPythonAsync(await (await fetch("./echo_once.py")).text());
  } catch (error) {
    say(String(error));
  }
}

addEventListener("install", (event) => event.waitUntil(run()));
