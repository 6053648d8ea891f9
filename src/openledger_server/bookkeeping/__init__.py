"""The only bridge between bank and books: facts and judgements become journal entries, and entries are taken back.

Running any of it twice changes nothing.
"""
