// Plain Pyodide, in a page or a module worker: get the package in one of the two ways, then use it.

export async function run({ pyodide: folder, way, wheel }) {
  const { loadPyodide } = await import(`${folder}pyodide.mjs`);
  const pyodide = await loadPyodide({ indexURL: folder });
  if (way === "loadPackage") {
    await pyodide.loadPackage("browserws");
  } else {
    await pyodide.loadPackage("micropip");
    await pyodide.pyimport("micropip").install(new URL(wheel, location.href).href);
  }
  const source = await (await fetch("/versions/every_api.py")).text();
  try {
    await pyodide.runPythonAsync(source);
  } catch (error) {
    console.error(error.message);
  }
}
