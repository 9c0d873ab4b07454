"""One file per use case: load, decide, record, return. Each runs inside the transaction it is handed."""
