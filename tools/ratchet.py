"""What is to become less in browserws/, counted from its source; the numbers may fall and never rise.

    python -m tools.ratchet             the numbers, and the limits that tests/unit/test_ratchet.py holds
    python -m tools.ratchet any         and where they are, of the kinds that are named

any         attributes of which type checkers know nothing: Any, also in a union, by their own annotation or by
            that of the parameter that is assigned to them
ignore      `# type: ignore`
unexplained those of them that have no reason after it: `# type: ignore[code]  # the reason`
private     private names (`_x`) of something else than self, cls, the class itself or an instance of it
circles     modules that import each other, perhaps by way of others, be it for type checkers only
"""

import ast
import io
import re
import sys
import tokenize
from dataclasses import dataclass

from tools.paths import ROOT, modules

PACKAGE = ROOT / "browserws"
KINDS = ("any", "ignore", "unexplained", "private", "circles")
LIMITS = {
    "page": {"any": 24, "ignore": 6, "unexplained": 0, "private": 9, "circles": 0},
    "native": {"any": 0, "ignore": 0, "unexplained": 0, "private": 0, "circles": 0},
    "dropin": {"any": 2, "ignore": 0, "unexplained": 0, "private": 0, "circles": 0},
    "protocols": {"any": 0, "ignore": 0, "unexplained": 0, "private": 0, "circles": 0},
    "testing": {"any": 0, "ignore": 0, "unexplained": 0, "private": 0, "circles": 0},
    "hub": {"any": 2, "ignore": 0, "unexplained": 0, "private": 0, "circles": 0},
}


@dataclass(frozen=True)
class Find:
    """One of what is counted."""

    kind: str
    module: str  # the path below browserws/
    line: int
    what: str

    @property
    def part(self):
        folder = self.module.split("/")[0]
        return "hub" if folder == "server" else folder if folder in LIMITS else "page"

    def __str__(self):
        return f"browserws/{self.module}:{self.line}: {self.what}"


def finds(package=PACKAGE):
    """All there is in a package, in the order of its files."""
    sources = {str(file.relative_to(package)): file.read_text() for file in modules(package)}
    trees = {module: ast.parse(source) for module, source in sources.items()}
    for module, source in sources.items():
        for kind, look in (("any", unknown_attributes), ("private", foreign_private_names)):
            yield from (Find(kind, module, node.lineno, ast.unparse(node)) for node in look(trees[module]))
        for line, comment in ignores(source):
            yield Find("ignore", module, line, comment)
            if not re.search(r"type: ignore\S*\s+#\s*\w", comment):
                yield Find("unexplained", module, line, comment)
    for module, others in circles(trees):
        yield Find("circles", module, 1, "with " + ", ".join(others))


# --- Any ---


def is_any(annotation):
    """Whether it is `Any`, or a union with it, quoted or not."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return is_any(annotation.left) or is_any(annotation.right)
    return isinstance(annotation, ast.Name) and annotation.id == "Any"


def unknown_attributes(tree):
    for of_class in nodes(tree, ast.ClassDef):
        for node in of_class.body:
            if isinstance(node, ast.AnnAssign) and is_any(node.annotation):
                yield node
        for function in (node for node in of_class.body if isinstance(node, FUNCTIONS)):
            unknown = {argument.arg for argument in arguments(function) if is_any(argument.annotation)}
            for node in nodes(function, ast.AnnAssign, ast.Assign):
                targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
                if not any(isinstance(target, ast.Attribute) for target in targets):
                    continue
                if isinstance(node, ast.AnnAssign):
                    if is_any(node.annotation):
                        yield node
                elif isinstance(node.value, ast.Name) and node.value.id in unknown:
                    yield node


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def arguments(function):
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def nodes(tree, *kinds):
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


# --- type: ignore ---


def ignores(source):
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and "type: ignore" in token.string:
            yield token.start[0], token.string


# --- private names ---


OF_NAMED_TUPLES = {"_asdict", "_fields", "_make", "_replace"}  # public, whatever their names


def foreign_private_names(tree, own=frozenset({"self", "cls"})):
    """`own` are the names that stand for the class in which this is, or for an instance of it."""
    for node in ast.iter_child_nodes(tree):
        inside = own
        if isinstance(node, ast.ClassDef):
            inside = {"self", "cls", node.name}
        elif isinstance(node, FUNCTIONS):
            inside = {*own, *instances(node, own)}
        elif isinstance(node, ast.Attribute) and is_private(node.attr) and not is_own(node.value, own):
            yield node
        yield from foreign_private_names(node, inside)


def is_private(name):
    return name.startswith("_") and not name.endswith("__") and name not in OF_NAMED_TUPLES


def is_own(value, own):
    if isinstance(value, ast.Call):
        return ast.unparse(value.func) in {"super", *own}
    return isinstance(value, ast.Name) and value.id in own


def instances(function, own):
    """Parameters and variables that are annotated with the class, and variables that get a new instance."""
    annotated = [(ast.Name(argument.arg), argument.annotation) for argument in arguments(function)]
    annotated += [(node.target, node.annotation) for node in nodes(function, ast.AnnAssign)]
    for target, annotation in annotated:
        if annotation is not None and set(ast.unparse(annotation).strip("'\"").split(" | ")) - {"None"} <= own:
            yield getattr(target, "id", None)
    for node in nodes(function, ast.Assign):
        if isinstance(node.value, ast.Call) and is_own(node.value, own):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


# --- circles ---


def circles(trees):
    """(module, the others that it is in a circle with)"""
    graph = {module: set(imported(module, tree, trees)) for module, tree in trees.items()}
    reached = {module: reach(module, graph) for module in graph}
    for module in graph:
        others = [other for other in graph if other != module and other in reached[module] and module in reached[other]]
        if others:
            yield module, others


def reach(module, graph):
    found, left = set(), [module]
    while left:
        new = graph[left.pop()] - found
        found |= new
        left += new
    return found


def imported(module, tree, trees):
    """The modules of the package that one imports, anywhere in it."""
    folder = module.split("/")[:-1]
    for node in nodes(tree, ast.ImportFrom):
        if node.level == 0:
            continue
        base = folder[: len(folder) - node.level + 1] + (node.module.split(".") if node.module else [])
        for alias in node.names:
            names = ("/".join([*base, alias.name]) + ".py", "/".join([*base, alias.name, "__init__.py"]),
                     "/".join(base) + ".py", "/".join([*base, "__init__.py"]))  # fmt: skip
            yield from [name for name in names if name in trees][:1]


# --- the numbers ---


def numbers(found):
    """{part: {kind: how many}}"""
    counts = {part: dict.fromkeys(KINDS, 0) for part in LIMITS}
    for find in found:
        counts[find.part][find.kind] += 1
    return counts


def main(kinds):
    found = list(finds())
    for find in found:
        if find.kind in kinds:
            print(find)
    print(f"{'':12}" + "".join(f"{part:>16}" for part in LIMITS))
    counts = numbers(found)
    for kind in KINDS:
        print(f"{kind:12}" + "".join(f"{counts[part][kind]:>9} of {limit[kind]:>3}" for part, limit in LIMITS.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
