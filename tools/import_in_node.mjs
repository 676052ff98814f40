// node import_in_node.mjs Pyodide|MicroPython FOLDER WHEEL: imports the wheel and prints the package's version.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [type, folder, wheel] = process.argv.slice(2);
const source = "import sys; sys.path.insert(0, '/package'); import browserws; print(browserws.__version__)";

function copy(fs, from, to) {
  fs.mkdir(to);
  for (const name of readdirSync(from)) {
    const [path, target] = [join(from, name), `${to}/${name}`];
    if (statSync(path).isDirectory()) copy(fs, path, target);
    else fs.writeFile(target, readFileSync(path));
  }
}

const unpacked = mkdtempSync(join(tmpdir(), "browserws-"));
execFileSync("python3", ["-m", "zipfile", "-e", wheel, unpacked]);
const runtime =
  type === "Pyodide"
    ? await (await import(join(folder, "pyodide.mjs"))).loadPyodide()
    : await (await import(join(folder, "micropython.mjs"))).loadMicroPython({ stdout: console.log });
copy(runtime.FS, unpacked, "/package");
runtime.runPython(source);
rmSync(unpacked, { recursive: true });
process.exit();
