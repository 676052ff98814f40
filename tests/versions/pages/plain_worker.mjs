import { run } from "./plain.mjs";

addEventListener("message", ({ data }) => run(data));
