"""Run all benchmarks."""

from bench import categorize_rows, import_rows, report_files, reports

if __name__ == "__main__":
    categorize_rows.main()
    import_rows.main()
    reports.main()
    report_files.main()
