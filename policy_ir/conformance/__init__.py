"""The conformance suite: vectors, a runner for any implementation, and this implementation as one of them.

`suite` reads the vectors, `selection` picks some, `lint` says what is wrong with them, `coverage` what they show and
`copying` takes them elsewhere. `subject` answers them with this implementation, `runner` asks another program about
them, `compare` says whether an answer is the one that is due, `report` tells what came of it, and `differential` asks
random questions instead. Specification: chapter "Conformance".
"""
