"""The quota account of the municipalities: key, entries, duty, fulfilment and target; pure and exact."""
