// Plain Pyodide where this is: in a worker with a blob: URL, a shared worker, or a frame of no origin.
const here = new URL(".", import.meta.url).href;
const folder = new URL("/pyodide/", here).href;
const isFrame = typeof window !== "undefined";

function say(text) {
  if (isFrame) parent.postMessage(text, "*");
  else new BroadcastChannel("places").postMessage(text);
}

try {
  const { loadPyodide } = await import(`${folder}pyodide.mjs`);
  const pyodide = await loadPyodide({ indexURL: folder, stdout: say });
  await pyodide.loadPackage("browserws");
  const source = await (await fetch(`${here}echo_once.py`)).text();
  // a frame of no origin has no host that "/echo" could be of
  const url = isFrame ? `ws${new URL("/echo", here).href.slice(4)}` : "/echo";
  await pyodide.runPythonAsync(source.replace('"/echo"', JSON.stringify(url)));
} catch (error) {
  say(String(error));
}
