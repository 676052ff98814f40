"""MicroPython can import the drop-in, which says why it does not work there."""

import browserws.dropin

try:
    browserws.dropin.install()
except NotImplementedError as error:
    print("refused:", error)
browserws.dropin.uninstall()
print("and nothing to take back")
