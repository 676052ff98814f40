// Starts a demo's main.py with the interpreter that the address asks for: ?type=py|mpy and &worker.
// A page's own settings of PyScript stand in its <script id="modules" type="application/json">.
// PyScript reads its script tags once, so a choice opens the page anew.
const query = new URLSearchParams(location.search);
const type = query.get("type") === "mpy" ? "mpy" : "py";
const worker = query.has("worker");

const interpreter = document.querySelector("#interpreter");
interpreter.value = type + (worker ? "-worker" : "");
interpreter.addEventListener("change", () => {
  const [type, worker] = interpreter.value.split("-");
  location.search = `?type=${type}${worker ? "&worker" : ""}`;
});

const config = await (await fetch("/runtimes.json")).json();
const script = document.createElement("script");
script.type = type;
script.src = "main.py";
if (worker) script.setAttribute("worker", "");
const modules = document.querySelector("#modules");
script.setAttribute("config", JSON.stringify({...config[type], ...(modules ? JSON.parse(modules.textContent) : {})}));
document.head.append(script);
await import("/pyscript/core.js");
