"""Logic without a browser, an event loop, a clock or a random source: values in, values out."""
