"""Judgements: which ledger account a bank transaction belongs to, who or what decided, why, and how sure.

`judge.py` asks the deciders in order; a new kind of decider (rules, a model) is one more function there.
"""
