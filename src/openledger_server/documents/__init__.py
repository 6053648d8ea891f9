"""Reports as files that people read, print and send: PDF, workbook, comma-separated text."""
