// node run.mjs RUNTIME PACKAGE SUITE URL BLOCKED [HIDDEN]: reads names of tests, runs each in the Python of RUNTIME
// (pyodide.mjs or micropython.mjs), and writes `NAME<tab>FAILURE as JSON`. The package does not see the global
// variable HIDDEN when it is imported.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [runtime, packageFolder, suite, url, blocked, hidden] = process.argv.slice(2);
const { loadPyodide, loadMicroPython } = await import(runtime);
const python = await (loadPyodide ?? loadMicroPython)({ stdout: () => {}, stderr: () => {} });

function copy(from, to) {
  if (!python.FS.analyzePath(to).exists) python.FS.mkdir(to);
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), `${to}/${name}`];
    if (statSync(source).isDirectory()) copy(source, target);
    else python.FS.writeFile(target, readFileSync(source));
  }
}

copy(packageFolder, "/package");
copy(suite, "/suite");
Object.assign(globalThis, { serverUrl: url, blockedUrl: blocked });
python.runPython("import sys; sys.path[:0] = ['/package', '/suite']");
if (hidden) {
  void globalThis.WebSocket; // Node loads it when it is first read, and needs all for that
  const value = globalThis[hidden];
  delete globalThis[hidden];
  python.runPython("import browserws");
  globalThis[hidden] = value;
}
python.runPython(readFileSync(new URL("runner.py", import.meta.url), "utf8"));
console.log("ready");

// Some tests leave a rejection unhandled on purpose: a browser shows it, and Node would end.
process.on("unhandledRejection", () => {});

for await (const name of createInterface({ input: process.stdin })) {
  const failure = await new Promise((done) => globalThis.runTest(name, done));
  console.log(`${name}\t${JSON.stringify(failure)}`);
}
process.exit();
