"""Changes the code in small ways, one at a time, and tells which changes no test notices.

    python -m tools.mutants [FILE ...]        for example browserws/_pure/reconnection.py

mutmut makes the changes and runs the quick tests that reach each of them ([tool.mutmut] in pyproject.toml).
What it cannot change: code outside of functions, and properties. A time-out counts as noticed. A run of pytest
that ended in another way than with a failed test does not, and is listed. Other words in a sentence, which is
what a literal with a space is, are not counted.

tools/mutants.md lists the changes that no test could notice, with the reason. Each is known by its function
and by the two lines of the difference, so that it is still found when code around it changes.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant

from tools.paths import ROOT

MUTMUT = Path(sys.executable).parent / "mutmut"
MADE = ROOT / "mutants"
EQUIVALENT = ROOT / "tools" / "mutants.md"
LEAST = 95  # percent
KILLED = {1}  # the exit code of pytest: tests failed
TIMED_OUT = {24, 36, 152, 255, -24}


def main(files):
    os.chdir(ROOT)  # mutmut looks there for all that it needs
    shutil.rmtree(MADE, ignore_errors=True)
    (MADE / "tools").mkdir(parents=True)  # mutmut copies files only into folders that are there
    run([module_name(file) + ".*" for file in files])
    crashed = crashes()
    if crashed:
        run(crashed)  # once more: a crash is seldom that of the change
    if not report(files):
        sys.exit(1)


def run(names):
    """Try all changes of that name, or pattern of names. The tests are run with nothing changed first."""
    children = str(os.cpu_count() or 1)
    if subprocess.run([MUTMUT, "run", "--max-children", children, *names]).returncode:
        sys.exit("mutmut failed, see above")


def crashes():
    """The changes with which Python crashed: some versions of it do so at times where a program forks."""
    codes = {}
    for meta in MADE.glob("browserws/**/*.meta"):
        codes.update(json.loads(meta.read_text())["exit_code_by_key"])
    return [name for name, code in codes.items() if code is not None and code < 0 and code not in TIMED_OUT]


def report(files):
    """Print a line for each module, and each change that was not noticed. Whether enough were."""
    known = equivalent()
    is_good = True
    print(f"\n{'module':36} {'mutants':>8} {'killed':>8} {'equivalent':>11} {'survived':>9} {'share':>7}")
    left = []
    for meta in sorted(MADE.glob("browserws/**/*.meta")):
        file = meta.relative_to(MADE).with_suffix("")
        codes = json.loads(meta.read_text())["exit_code_by_key"]
        if not codes or (files and str(file) not in files):
            continue
        killed = same = words = 0
        for name, code in codes.items():
            change = difference(file, name)
            if is_wording(change):
                words += 1
            elif code in KILLED or code in TIMED_OUT:
                killed += 1
            elif known[change]:
                known[change] -= 1
                same += 1
            else:
                left.append((name, code, change))
        mutants = len(codes) - words
        total = mutants - same
        share = 100 * killed / total if total else 100
        is_good = is_good and share >= LEAST
        print(f"{file!s:36} {mutants:8} {killed:8} {same:11} {total - killed:9} {share:6.1f}%")
    for name, code, (function, before, after) in left:
        print(f"\n{name}{'' if code == 0 else f'   pytest ended with {code}'}\n  {function}\n  - {before}\n  + {after}")
    if not files:
        for function, before, after in known.elements():
            print(f"\ntools/mutants.md lists what is noticed, or is not made:\n  {function}\n  - {before}\n  + {after}")
    return is_good


def is_wording(change):
    """Whether nothing but a sentence differs."""
    literals = [re.findall(r'"([^"]*)"', line) for line in change[1:]]
    differing = [pair for pair in zip(*literals) if pair[0] != pair[1]]
    return len(differing) == 1 and " " in differing[0][0]


def module_name(file):
    return file.removesuffix(".py").replace("/", ".")


def difference(file, name):
    """(function, lines before, lines after) of a mutant."""
    removed, added = [], []
    for line in get_diff_for_mutant(name, path=file).splitlines():
        if line.startswith("-") and not line.startswith("---"):
            removed.append(line[1:].strip())
        elif line.startswith("+") and not line.startswith("+++"):
            added.append(line[1:].strip())
    return function_name(name), " ".join(removed), " ".join(added)


def function_name(name):
    """`browserws._pure.topic.Topic.joined` of mutmut's `browserws._pure.topic.xǁTopicǁjoined__mutmut_3`."""
    module, _, function = re.sub(r"__mutmut_\d+$", "", name).rpartition(".")
    function = function[2:] if function.startswith("x_") else function[2:].replace("ǁ", ".")
    return f"{module}.{function}"


def equivalent():
    """The entries of the list, which has a heading for each function, a reason, and a block of differences."""
    entries = Counter()
    function = before = ""
    for line in EQUIVALENT.read_text().splitlines():
        if line.startswith("## "):
            function = line[3:].strip(" `")
        elif line.startswith("- ") and function:
            before = line[2:].strip()
        elif line.startswith("+ ") and function:
            entries[function, before, line[2:].strip()] += 1
    return entries


if __name__ == "__main__":
    main(sys.argv[1:])
