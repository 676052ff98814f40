"""Pages with a strict Content Security Policy."""


def test_plain_pyodide_without_unsafe_eval(open_page, site):
    """`loadPackage` from the folder that `make lock` writes, and no code made from strings."""
    page = open_page(site.url("/tests/strict.html"))
    page.wait_for_console("echoed, closed with 1000")
    page.wait_for_console("refused: EvalError")
