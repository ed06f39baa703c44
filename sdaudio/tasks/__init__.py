"""What worker processes do: one frozen dataclass per request, one function that runs them.

A request is complete (model path, codes, seed): running it again in another worker gives the same
result. Requests and results are pickled between the daemon and its own workers.
"""
