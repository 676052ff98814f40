// What examples draw with: `from stage import panel, chart, bars`, in Pyodide and MicroPython.
import { Loopback, flood } from "./loopback.mjs";

/** uPlot, which is there when Python is: examples go on without a network. */
export const loadPlots = () => import(new URL("uplot/uPlot.esm.js", import.meta.url).href);

const MOST_LINES = 200;

function make(tag, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** The panes of one run. `fail(error)` shows an exception of a handler. */
export class Stage {
  #panes;
  #fail;
  #handlers = []; // Python functions that are kept
  #isPlaying = true;

  constructor(panes, fail) {
    this.#panes = panes;
    this.#fail = fail;
    this.names = {
      panel: (title) => new Panel(this.#pane(title), (handler) => this.#keep(handler)),
      chart: (title, seconds) => new Chart(this.#pane(title), seconds, this),
      bars: (title, unit) => new Bars(this.#pane(title), unit),
      loopback: () => Loopback.install(),
      flood,
    };
  }

  get isPlaying() {
    return this.#isPlaying;
  }

  /** The example has ended: its panes stay as they are. */
  end() {
    this.#isPlaying = false;
    Loopback.uninstall();
    this.#handlers.splice(0).forEach((handler) => handler.destroy?.());
    this.#panes.querySelectorAll("button, input").forEach((control) => (control.disabled = true));
  }

  #pane(title) {
    const pane = make("div", "", { class: "pane", role: "group", "aria-label": title });
    pane.append(make("p", title, { class: "title" }));
    this.#panes.append(pane);
    return pane;
  }

  /** A function that calls a function of Python, which may be async; its exceptions are shown. */
  #keep(handler) {
    const kept = handler.copy?.() ?? handler; // Pyodide takes back what it lent for a call
    this.#handlers.push(kept);
    return async (...values) => {
      try {
        const result = kept(...values);
        if (result?.type === "coroutine") await result;
        else result?.destroy?.();
      } catch (error) {
        this.#fail(error.message);
      }
    };
  }
}

/** A list of lines, a line that says how things are, text fields and buttons. */
class Panel {
  #keep;
  #lines;
  #state;
  #controls;

  constructor(pane, keep) {
    this.#keep = keep;
    const title = pane.getAttribute("aria-label");
    this.#state = make("p", "", { class: "state" });
    this.#lines = make("ol", "", { class: "lines", tabindex: "0", "aria-label": `${title}: messages` });
    this.#controls = make("div", "", { class: "controls" });
    pane.append(this.#state, this.#lines, this.#controls);
  }

  add(line) {
    this.#lines.append(make("li", line));
    if (this.#lines.children.length > MOST_LINES) this.#lines.firstChild.remove();
    this.#lines.scrollTop = this.#lines.scrollHeight;
  }

  show(state) {
    this.#state.textContent = state;
  }

  button(label, handler) {
    const button = make("button", label);
    const call = this.#keep(handler);
    button.onclick = () => call();
    this.#controls.append(button);
  }

  field(label, handler) {
    const form = make("form");
    const input = make("input", "", { "aria-label": label, placeholder: label });
    const call = this.#keep(handler);
    form.onsubmit = (event) => {
      event.preventDefault();
      if (input.value) call(input.value);
      input.value = "";
    };
    form.append(input, make("button", "Send"));
    this.#controls.append(form);
  }
}

/** A line that moves: x are seconds, and the last `seconds` of them are shown. */
class Chart {
  #data = [[], []];
  #seconds;
  #text;
  #plot = null;
  #isDue = false;

  constructor(pane, seconds = 30, stage) {
    this.#seconds = seconds;
    this.#text = pane.querySelector(".title");
    this.title = pane.getAttribute("aria-label");
    this.#draw(pane, stage);
  }

  add(x, y) {
    const [xs, ys] = this.#data;
    xs.push(x);
    ys.push(y);
    while (xs[0] < x - this.#seconds) {
      xs.shift();
      ys.shift();
    }
    if (!this.#isDue) requestAnimationFrame(() => this.#update());
    this.#isDue = true;
  }

  #update() {
    this.#isDue = false;
    this.#text.textContent = `${this.title}: ${this.#data[1].at(-1)}`;
    this.#plot?.setData(this.#data);
  }

  async #draw(pane, stage) {
    const canvas = make("div", "", { class: "chart", role: "img", "aria-label": `${this.title}, as a line` });
    pane.append(canvas);
    const { default: uPlot } = await loadPlots();
    if (!stage.isPlaying) return;
    const colour = (name) => {
      canvas.style.color = `var(--${name})`;
      return getComputedStyle(canvas).color; // of the scheme that is shown
    };
    const axis = { stroke: colour("dim"), grid: { stroke: colour("line") }, ticks: { stroke: colour("line") } };
    const series = [{}, { stroke: colour("accent"), width: 2 }];
    const size = { width: canvas.clientWidth, height: 200 };
    this.#plot = new uPlot({ ...size, series, axes: [axis, axis], legend: { show: false } }, this.#data, canvas);
    new ResizeObserver(() => this.#plot.setSize({ width: canvas.clientWidth, height: 200 })).observe(canvas);
  }
}

/** Numbers by name, as a table with bars, the longest as wide as there is room. */
class Bars {
  #table;
  #unit;
  #rows = [];

  constructor(pane, unit = "") {
    this.#unit = unit;
    this.#table = make("table");
    pane.append(this.#table);
  }

  add(name, value) {
    const row = make("tr");
    const number = make("td", `${Math.round(value).toLocaleString("en")} ${this.#unit}`);
    const cell = make("td", "", { class: "bar" });
    const bar = make("div");
    cell.append(bar);
    row.append(make("th", name, { scope: "row" }), cell, number);
    this.#table.append(row);
    this.#rows.push([bar, value]);
    const longest = Math.max(...this.#rows.map(([, value]) => value));
    for (const [bar, value] of this.#rows) bar.style.width = `${(100 * value) / longest}%`;
  }
}
