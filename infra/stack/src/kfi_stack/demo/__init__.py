"""The demo: one application's whole way through the running platform, played by HTTP and checked."""
