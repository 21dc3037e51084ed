"""Every lesson as a notebook, which reads as well as its page and runs without a checkout.

Take `publishing`; it has `writer` make each notebook, in `plain_markdown`.
"""
