"""The examples, shipped with the compiler so that ``mlopsc init --example`` can copy them."""
