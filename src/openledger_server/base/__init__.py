"""The ground every room stands on: money, errors, database, ids, paging, encryption. Imports nothing of the house."""
