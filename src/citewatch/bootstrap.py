"""The composition root: settings become an application. The only reader of real time."""
