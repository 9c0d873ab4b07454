"""Lists of arrivals as files: CSV, workbooks and JSON read row by row, within limits."""
