// node in_node.mjs WHEEL URL: runs in_node.py in Pyodide; what it prints goes to the console.
import { readFileSync } from "node:fs";
import { loadPyodide } from "../../../.build/pyodide/pyodide.mjs";

const [wheel, url] = process.argv.slice(2);
const pyodide = await loadPyodide();
pyodide.unpackArchive(new Uint8Array(readFileSync(wheel)), "whl");
pyodide.globals.set("url", url);
await pyodide.runPythonAsync(readFileSync(new URL("in_node.py", import.meta.url), "utf8"));
