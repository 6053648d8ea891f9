"""Run all benchmarks."""

from bench import import_rows

if __name__ == "__main__":
    import_rows.main()
