import { loadPyodide } from "/pyodide/pyodide.mjs";

try {
  new Function("return 1");
  console.log("the policy allows code from strings");
} catch (error) {
  console.log("refused:", error.name);
}

const pyodide = await loadPyodide({ indexURL: "/pyodide/" });
await pyodide.loadPackage("browserws");
const source = await (await fetch("./echo_once.py")).text();
await pyodide.runPythonAsync(source);
