"""The journal as files that other programs read: hledger, beancount, spreadsheets."""
