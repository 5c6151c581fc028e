"""The two concrete syntaxes of the language: text and JSON to terms, terms to text and JSON."""
