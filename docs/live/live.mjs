// An example that its reader edits and runs, in the page:
//
//     <script type="module" src="live/live.mjs"></script>
//     <live-example name="chat" label="A chat"></live-example>
//
//     name               a folder of examples/ beside this module
//     label              what the example is called
//     files              its files: "server.py page.py" unless it says others
//     data-interpreter   "mpy": MicroPython instead of Pyodide
//
// Nothing but the text of the example is loaded before its reader presses Run.
import { highlight } from "./highlight.mjs";
import { run, sizes, stop } from "./runtimes.mjs";
import { Stage } from "./stage.mjs";

const here = (path) => new URL(path, import.meta.url).href;
const LANGUAGES = { mpy: "MicroPython", py: "Python" };
const MOST_OUTPUT = 2000; // pieces of text
const INDENT = "    ";

const TEMPLATE = `
  <link rel="stylesheet" href="${here("uplot/uPlot.min.css")}">
  <link rel="stylesheet" href="${here("live.css")}">
  <section>
    <div class="files"></div>
    <div class="bar">
      <button class="run" title="Ctrl+Enter in the editor">Run</button>
      <button class="stop" disabled>Stop</button>
      <button class="reset">Reset</button>
      <p role="status"></p>
      <progress aria-label="Loading" hidden></progress>
    </div>
    <div class="panes"></div>
    <pre class="output" role="log" aria-label="Output" tabindex="0" hidden></pre>
  </section>`;

class LiveExample extends HTMLElement {
  async connectedCallback() {
    if (this.shadowRoot) return;
    this.interpreter = this.dataset.interpreter ?? "py";
    const root = this.attachShadow({ mode: "open" });
    root.innerHTML = TEMPLATE;
    this.find = (selector) => root.querySelector(selector);
    this.label = this.getAttribute("label") ?? this.getAttribute("name");
    this.find("section").setAttribute("aria-label", `${this.label}: live example`);
    this.find(".run").onclick = () => this.run();
    this.find(".stop").onclick = () => this.stop();
    this.find(".reset").onclick = () => this.reset();
    const names = (this.getAttribute("files") ?? "server.py page.py").split(" ");
    try {
      this.editors = await Promise.all(names.map((name) => this.load(name)));
      const size = ((await sizes)[this.interpreter].size / 1e6).toFixed(1);
      this.size = `${LANGUAGES[this.interpreter]}, ${size} MB`;
      this.say(`Run loads ${this.size}, once.`);
    } catch (error) {
      this.say(`The example cannot be loaded: ${error.message}`);
      return;
    }
    this.find(".files").append(...this.editors.map((editor) => editor.box));
    this.classList.add("ready");
  }

  disconnectedCallback() {
    this.stop();
  }

  async load(name) {
    const response = await fetch(here(`examples/${this.getAttribute("name")}/${name}`));
    if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
    return new Editor(name, await response.text(), this);
  }

  say(text) {
    this.find("[role=status]").textContent = text;
  }

  write(text, kind = "") {
    const output = this.find(".output");
    output.hidden = false;
    this.scroll(output);
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = text;
    output.append(span);
    if (output.childElementCount > MOST_OUTPUT) output.firstChild.remove();
  }

  /** Once a frame, to the end, if the end is what is shown. */
  scroll(output) {
    if (this.scrolls) return;
    this.scrolls = true;
    const isAtEnd = output.scrollTop + output.clientHeight > output.scrollHeight - 20;
    requestAnimationFrame(() => {
      this.scrolls = false;
      if (isAtEnd) output.scrollTop = output.scrollHeight;
    });
  }

  async run() {
    if (this.find(".run").disabled) return;
    this.find(".run").disabled = true;
    this.clear();
    this.stage = new Stage(this.find(".panes"), (error) => this.write(`${error}\n`, "error"));
    const files = Object.fromEntries(this.editors.map((editor) => [editor.name, editor.text.value]));
    const progress = this.find("progress");
    try {
      await run(this.interpreter, files, this.stage, {
        loading: (received, total) => {
          progress.hidden = received >= total;
          progress.max = total;
          progress.value = received;
          this.say(`Loading ${this.size}: ${Math.floor((100 * received) / total)} %`);
        },
        running: () => {
          this.find(".stop").disabled = false;
          this.say("Running.");
        },
        write: (text, kind) => this.write(text, kind),
        ended: (how) => {
          this.find(".stop").disabled = true;
          this.say(how);
        },
      });
    } catch (error) {
      this.write(`${error}\n`, "error");
      this.say("Python could not be loaded.");
    }
    progress.hidden = true;
    this.find(".run").disabled = false;
  }

  stop() {
    return stop(this.stage);
  }

  async reset() {
    this.editors.forEach((editor) => editor.reset()); // at once: it is what the reader goes on with
    await this.stop();
    this.clear();
    this.say("As it was.");
  }

  clear() {
    this.find(".panes").replaceChildren();
    this.find(".output").replaceChildren();
    this.find(".output").hidden = true;
  }
}

/** A file of an example: a textarea, and below it the same text in colours. */
class Editor {
  constructor(name, source, example) {
    this.name = name;
    this.source = source;
    this.box = document.createElement("div");
    this.box.innerHTML = `
      <label class="name"></label>
      <div class="editor"><pre aria-hidden="true"></pre><textarea spellcheck="false" autocapitalize="off"
        autocomplete="off" autocorrect="off"></textarea></div>`;
    this.colours = this.box.querySelector("pre");
    this.text = this.box.querySelector("textarea");
    this.box.querySelector("label").textContent = name;
    this.box.querySelector("label").htmlFor = this.text.id = name;
    this.text.oninput = () => highlight(this.text.value, this.colours);
    this.text.onkeydown = (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      if (event.ctrlKey || event.metaKey) example.run();
      else document.execCommand("insertText", false, `\n${this.indentation()}`); // which Ctrl+Z takes back
      event.preventDefault();
    };
    this.reset();
  }

  /** Of the line that follows the caret's. */
  indentation() {
    const before = this.text.value.slice(0, this.text.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    return line.match(/^ */)[0] + (line.trimEnd().endsWith(":") ? INDENT : "");
  }

  reset() {
    this.text.value = this.source.trimEnd();
    this.text.oninput();
  }
}

customElements.define("live-example", LiveExample);
