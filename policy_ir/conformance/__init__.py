"""The conformance suite: vectors, a runner for any implementation, and this implementation as one of them.

`suite` reads the vectors, `subject` answers them with this implementation, `runner` asks another program about them,
`compare` says whether an answer is the one that is due. Specification: chapter "Conformance".
"""
