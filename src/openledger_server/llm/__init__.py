"""Language models behind the port of `categorization.advice`, through their makers' own clients (the extra "llm")."""
