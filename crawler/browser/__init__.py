"""Pages as a browser shows them, for seeds that ask for it: Chromium off the network, fed by the capture."""
