"""The stages, one module each: its declaration `STAGE`, what it takes (`cost`), and what it does (`main`)."""
