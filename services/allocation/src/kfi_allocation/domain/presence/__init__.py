"""People and months after the arrival, for the flat rates of § 17 TIntG; pure."""
