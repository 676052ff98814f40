// node merge.mjs RUNTIME: runs merge.py in the Python of RUNTIME (pyodide.mjs or micropython.mjs). It reads
// {whole, change} as JSON and writes, for each, how many microseconds it takes.
import { readFileSync } from "node:fs";

const { loadPyodide, loadMicroPython } = await import(process.argv[2]);
const python = await (loadPyodide ?? loadMicroPython)();
const { whole, change } = JSON.parse(readFileSync(0, "utf8"));
python.runPython(readFileSync(new URL("merge.py", import.meta.url), "utf8"));
const repeat = python.globals.get("repeat");

function microseconds(patch, count) {
  const times = [];
  for (let round = 0; round < 5; round++) {
    const began = process.cpuUsage();
    repeat(whole, patch, count);
    const { user, system } = process.cpuUsage(began);
    times.push((user + system) / count);
  }
  return Math.min(...times);
}

console.log(JSON.stringify({ whole: microseconds("", 200), change: microseconds(change, 2000) }));
process.exit();
