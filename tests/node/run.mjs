// node run.mjs PYODIDE PACKAGE SUITE URL BLOCKED: reads names of tests, runs each, and writes `NAME<tab>FAILURE as JSON`.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [runtime, packageFolder, suite, url, blocked] = process.argv.slice(2);
const { loadPyodide } = await import(join(runtime, "pyodide.mjs"));
const pyodide = await loadPyodide({ stdout: () => {}, stderr: () => {} });

function copy(from, to) {
  if (!pyodide.FS.analyzePath(to).exists) pyodide.FS.mkdir(to);
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), `${to}/${name}`];
    if (statSync(source).isDirectory()) copy(source, target);
    else pyodide.FS.writeFile(target, readFileSync(source));
  }
}

copy(packageFolder, "/package");
copy(suite, "/suite");
Object.assign(globalThis, { serverUrl: url, blockedUrl: blocked });
pyodide.runPython("import sys; sys.path[:0] = ['/package', '/suite']");
pyodide.runPython(readFileSync(new URL("runner.py", import.meta.url), "utf8"));
console.log("ready");

// Some tests leave a rejection unhandled on purpose: a browser shows it, and Node would end.
process.on("unhandledRejection", () => {});

for await (const name of createInterface({ input: process.stdin })) {
  const failure = await new Promise((done) => globalThis.runTest(name, done));
  console.log(`${name}\t${JSON.stringify(failure)}`);
}
process.exit();
