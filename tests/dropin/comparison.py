"""What became of the tests of a suite, beside what is known of it (exceptions.toml)."""


class Known:
    """Tests that fail, and tests that are not run, each with the reason why."""

    def __init__(self, reasons):
        """`reasons` as in the file: {reason: {"fail": [...], "not_run": [...]}}, both of which may be missing."""
        self.fail = {test: reason for reason, lists in reasons.items() for test in lists.get("fail", ())}
        self.not_run = {test: reason for reason, lists in reasons.items() for test in lists.get("not_run", ())}


class Result:
    """`tests` as standin_plugin.py gives them. Skipped tests, and those that passed without a wire, do not count."""

    def __init__(self, tests, known):
        failed = [name for name, test in tests.items() if test["outcome"] == "failed"]
        self.passed = [name for name, test in tests.items() if test["outcome"] == "passed" and test["wires"]]
        self.beside = [name for name, test in tests.items() if test["outcome"] == "passed" and not test["wires"]]
        self.skipped = [name for name, test in tests.items() if test["outcome"] == "skipped"]
        self.of = len(self.passed) + len(failed) + len(known.not_run)
        self.by_reason = count([known.fail[name] for name in failed if name in known.fail] + [*known.not_run.values()])
        self.problems = [
            *(
                f"fails and is not listed: {name}\n    {tests[name]['error']}"
                for name in failed
                if name not in known.fail
            ),
            *(f"passes, remove it from the list: {name}" for name in known.fail if name in self.passed + self.beside),
            *(f"is listed, and is no test that runs: {name}" for name in known.fail if name not in tests),
        ]


def count(items):
    """How often each comes, the most frequent first."""
    counts = {item: items.count(item) for item in items}
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))
