"""Pure functions of trade documents: reading CSV, mending text, spreadsheet formulas, firms, payables."""
