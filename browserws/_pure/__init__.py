"""Logic without a browser, an event loop, a clock or dice: values in, values out."""
