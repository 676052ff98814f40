// As the kernel of JupyterLite: it runs each cell that it is sent, and sends back what it prints and what comes of it.
import { loadPyodide } from "/pyodide/pyodide.mjs";

const send = (type, text) => postMessage({ type, text });

async function start() {
  const pyodide = await loadPyodide({ stdout: (text) => send("stream", text) });
  await pyodide.loadPackage("browserws", { messageCallback: () => {} });
  return pyodide;
}

const ready = start();

onmessage = async ({ data: code }) => {
  try {
    send("result", String(await (await ready).runPythonAsync(code)));
  } catch (error) {
    send("error", String(error));
  }
};
