// Starts a demo's main.py with the interpreter that the address asks for: ?type=py|mpy and &worker.
// A page's own settings of PyScript stand in its <script id="modules" type="application/json">; a "library" among them
// is loaded, and with it the drop-in that lets it run in a page.
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

const runtimes = await (await fetch("/runtimes.json")).json();
const demos = document.querySelector("#demos"); // of a page that is also served where there is no list of demos
if (demos) demos.hidden = !runtimes.demos;
const modules = document.querySelector("#modules");
const {library, ...own} = modules ? JSON.parse(modules.textContent) : {};
const config = {...runtimes[type], ...own};
if (library) {
  config.packages = [...config.packages, ...runtimes.libraries[library]];
  config.packages_cache = "passthrough"; // these wheels and no others: micropip would ask PyPI for what they need
}
// A worker does not know the page's address.
config.packages = config.packages.map((name) => name.startsWith("/") ? new URL(name, location.href).href : name);
const script = document.createElement("script");
script.type = type;
script.src = "main.py";
if (worker) script.setAttribute("worker", "");
script.setAttribute("config", JSON.stringify(config));
document.head.append(script);
await import(runtimes.pyscript);
