"""A Ray to run on: start one or join one, know its nodes, see its Dashboard and its memory.

Take `session` (one Ray for a page), `mini` (three nodes on this machine), `nodes`, `dashboard` and
`memory`.
"""
