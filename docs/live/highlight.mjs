// Python in colours: what follows is no parser, it finds what a reader looks for.
const WORDS =
  "False None True and as assert async await break case class continue def del elif else except finally for from " +
  "global if import in is lambda match nonlocal not or pass raise return try while with yield";
const TOKEN = new RegExp(
  [
    String.raw`(?<comment>#.*)`,
    String.raw`(?<string>(?:\b[bfruBFRU]{1,2})?(?:"""[^]*?(?:"""|$(?![^]))|'''[^]*?(?:'''|$(?![^]))|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))`,
    String.raw`(?<defined>(?<=\b(?:def|class)\s+)\w+)`,
    String.raw`(?<keyword>\b(?:${WORDS.replaceAll(" ", "|")})\b)`,
    String.raw`(?<decorator>^[ ]*@[\w.]+)`,
    String.raw`(?<number>\b\d[\w.]*)`,
  ].join("|"),
  "gm",
);

/** Writes the text into the element. */
export function highlight(text, element) {
  const parts = [];
  let end = 0;
  for (const token of text.matchAll(TOKEN)) {
    const span = document.createElement("span");
    span.className = Object.entries(token.groups).find(([, found]) => found !== undefined)[0];
    span.textContent = token[0];
    parts.push(text.slice(end, token.index), span);
    end = token.index + token[0].length;
  }
  element.replaceChildren(...parts, `${text.slice(end)}\n`); // the last line has its height also when it is empty
}
